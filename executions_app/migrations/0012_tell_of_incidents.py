import django.db.models.deletion
import django.db.models.functions.datetime
import pumpflix.lib.ids
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('executions_app', '0011_note_failures'),
        ('workflows_app', '0009_poll_triggers'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Alert',
            fields=[
                ('id', models.UUIDField(default=pumpflix.lib.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('channel', models.CharField(choices=[('email', 'E-mail'), ('slack', 'Slack'), ('webhook', 'Webhook')], max_length=10)),
                ('sealed', models.BinaryField()),
                ('hint', models.CharField(max_length=300)),
                ('after_failures', models.PositiveSmallIntegerField(default=1)),
                ('on_recovery', models.BooleanField(default=False)),
                ('stuck_after_min', models.PositiveIntegerField(blank=True, null=True)),
                ('enabled', models.BooleanField(default=True)),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('created_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('workflow', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='alerts', to='workflows_app.workflow')),
            ],
        ),
        migrations.CreateModel(
            name='Incident',
            fields=[
                ('id', models.UUIDField(default=pumpflix.lib.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(max_length=10)),
                ('node', models.CharField(blank=True, max_length=300)),
                ('failures', models.PositiveIntegerField(default=0)),
                ('last_execution_id', models.UUIDField(blank=True, null=True)),
                ('last_text', models.TextField(blank=True)),
                ('opened_at', models.DateTimeField()),
                ('last_at', models.DateTimeField()),
                ('closed_at', models.DateTimeField(blank=True, null=True)),
                ('workflow', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='incidents', to='workflows_app.workflow')),
            ],
        ),
        migrations.CreateModel(
            name='AlertSent',
            fields=[
                ('id', models.UUIDField(default=pumpflix.lib.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('event', models.CharField(max_length=10)),
                ('body', models.JSONField(default=dict)),
                ('status', models.CharField(default='queued', max_length=10)),
                ('answer', models.TextField(blank=True)),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('finished_at', models.DateTimeField(blank=True, null=True)),
                ('alert', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='sent', to='executions_app.alert')),
                ('incident', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='executions_app.incident')),
            ],
        ),
        migrations.AddConstraint(
            model_name='alert',
            constraint=models.CheckConstraint(condition=models.Q(('channel__in', ['email', 'slack', 'webhook'])), name='alert_channel_known'),
        ),
        migrations.AddConstraint(
            model_name='alert',
            constraint=models.CheckConstraint(condition=models.Q(('after_failures__gte', 1)), name='alert_after_some'),
        ),
        migrations.AddConstraint(
            model_name='incident',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ('failure', 'stuck', 'late'))), name='incident_kind_known'),
        ),
        migrations.AddConstraint(
            model_name='incident',
            constraint=models.UniqueConstraint(condition=models.Q(('closed_at', None)), fields=('workflow', 'kind', 'node'), name='incident_open_once'),
        ),
        migrations.AddIndex(
            model_name='alertsent',
            index=models.Index(fields=['alert', '-created_at'], name='alert_sent_newest'),
        ),
        migrations.AddConstraint(
            model_name='alertsent',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ('queued', 'sent', 'failed'))), name='alert_sent_status_known'),
        ),
        migrations.AddConstraint(
            model_name='alertsent',
            constraint=models.CheckConstraint(condition=models.Q(('event__in', ('failure', 'recovery', 'stuck', 'late', 'test'))), name='alert_event_known'),
        ),
        migrations.AddConstraint(
            model_name='alertsent',
            constraint=models.UniqueConstraint(condition=models.Q(('incident__isnull', False)), fields=('alert', 'incident', 'event'), name='alert_sent_once'),
        ),
    ]
