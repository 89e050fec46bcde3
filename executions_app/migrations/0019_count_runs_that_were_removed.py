import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("executions_app", "0018_find_called_runs_and_asked_cancels"),
        ("workflows_app", "0014_keep_deleted_credentials_a_minute"),
    ]

    operations = [
        migrations.CreateModel(
            name="RemovedRuns",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField()),
                ("status", models.CharField(max_length=10)),
                ("bucket", models.CharField(max_length=3)),
                ("executions", models.PositiveIntegerField()),
                ("duration_ms", models.FloatField()),
                (
                    "workflow",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="workflows_app.workflow"
                    ),
                ),
            ],
        ),
    ]
