from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('workflows_app', '0004_seen_history'),
    ]

    operations = [
        migrations.AddField(
            model_name='credential',
            name='shown',
            field=models.JSONField(blank=True, default=dict),
        ),
    ]
