import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

import pumpflix.lib.ids


class Migration(migrations.Migration):
    dependencies = [
        ("executions_app", "0010_name_runs_of_triggers"),
        ("workflows_app", "0009_poll_triggers"),
    ]

    operations = [
        migrations.CreateModel(
            name="Failure",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=pumpflix.lib.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("execution_id", models.UUIDField(blank=True, null=True, unique=True)),
                ("node", models.CharField(blank=True, db_default="", max_length=300)),
                ("error", models.JSONField(blank=True, null=True)),
                ("at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "workflow",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="workflows_app.workflow"
                    ),
                ),
            ],
            options={"abstract": False},
        ),
    ]
