import django.db.models.deletion
import django.db.models.functions.datetime
import pumpflix.lib.ids
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0005_choose_where_to_be_told'),
        ('executions_app', '0012_tell_of_incidents'),
        ('workflows_app', '0010_count_schedules_by_months'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='JobFile',
            fields=[
                ('id', models.UUIDField(default=pumpflix.lib.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=200)),
                ('mime_type', models.CharField(max_length=100)),
                ('size_bytes', models.BigIntegerField(default=0)),
                ('is_whole', models.BooleanField(default=False)),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('expires_at', models.DateTimeField(db_index=True)),
                ('job', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='file', to='executions_app.job')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='JobFilePart',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField()),
                ('data', models.BinaryField()),
                ('file', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='parts', to='executions_app.jobfile')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('file', 'number'), name='job_file_part_once')],
            },
        ),
        migrations.CreateModel(
            name='Report',
            fields=[
                ('id', models.UUIDField(default=pumpflix.lib.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('period', models.CharField(choices=[('day', 'Every day'), ('week', 'Every Monday')], max_length=4)),
                ('hour', models.PositiveSmallIntegerField(default=7)),
                ('time_zone', models.CharField(default='UTC', max_length=64)),
                ('addresses', models.JSONField(blank=True, default=list)),
                ('next_at', models.DateTimeField()),
                ('last_at', models.DateTimeField(blank=True, null=True)),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('created_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('team', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.team')),
                ('workflow', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='reports', to='workflows_app.workflow')),
            ],
            options={
                'indexes': [models.Index(fields=['next_at'], name='report_due')],
                'constraints': [models.CheckConstraint(condition=models.Q(('period__in', ['day', 'week'])), name='report_period_known'), models.CheckConstraint(condition=models.Q(('hour__lte', 23)), name='report_hour_of_day')],
            },
        ),
    ]
