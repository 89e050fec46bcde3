import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("executions_app", "0019_count_runs_that_were_removed"),
        ("workflows_app", "0014_keep_deleted_credentials_a_minute"),
    ]

    operations = [
        migrations.AddField(
            model_name="outboxmessage",
            name="workflow",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="workflows_app.workflow",
            ),
        ),
        migrations.AddIndex(
            model_name="outboxmessage",
            index=models.Index(
                condition=models.Q(("workflow__isnull", False)), fields=["workflow"], name="outbox_workflow"
            ),
        ),
    ]
