import django.contrib.postgres.fields
import django.db.models.deletion
import pumpflix.lib.ids
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0004_hold_the_token_of_the_first_start'),
    ]

    operations = [
        migrations.CreateModel(
            name='NotificationChoice',
            fields=[
                ('id', models.UUIDField(default=pumpflix.lib.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('email', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=10), blank=True, default=list, size=None)),
                ('slack', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=10), blank=True, default=list, size=None)),
                ('slack_sealed', models.BinaryField(blank=True, null=True)),
                ('slack_hint', models.CharField(blank=True, max_length=100)),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.AddField(
            model_name='notification',
            name='send_on',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=10), blank=True, db_default=[], default=list, size=None),
        ),
        migrations.AddIndex(
            model_name='notification',
            index=models.Index(condition=models.Q(('send_on', []), _negated=True), fields=['created_at'], name='notification_to_send'),
        ),
        migrations.AddField(
            model_name='notificationchoice',
            name='user',
            field=models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='notification_choice', to=settings.AUTH_USER_MODEL),
        ),
    ]
