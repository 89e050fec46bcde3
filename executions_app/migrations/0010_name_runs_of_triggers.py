from django.db import migrations, models

MODES = (
    "manual", "webhook", "schedule", "form", "trigger", "chat", "sample", "dry", "retry", "sub", "error", "api", "test",
)  # fmt: skip


class Migration(migrations.Migration):
    dependencies = [("executions_app", "0009_vacuum_growing_tables_early")]

    operations = [
        migrations.RemoveConstraint(model_name="execution", name="execution_mode_known"),
        migrations.AddConstraint(
            model_name="execution",
            constraint=models.CheckConstraint(condition=models.Q(mode__in=MODES), name="execution_mode_known"),
        ),
    ]
