"""Rows that pruning removed become room again after a fiftieth of a table has changed, not after a fifth."""

from django.db import migrations

TABLES = ("execution", "executionevent", "noderun", "nodeeffect", "payload", "payloaduse", "executionlabel")
SET = "autovacuum_vacuum_scale_factor = 0.02, toast.autovacuum_vacuum_scale_factor = 0.02"
RESET = "autovacuum_vacuum_scale_factor, toast.autovacuum_vacuum_scale_factor"


class Migration(migrations.Migration):
    dependencies = [("executions_app", "0008_save_views_of_runs")]

    operations = [
        migrations.RunSQL(
            [f"ALTER TABLE executions_app_{table} SET ({SET})" for table in TABLES],
            [f"ALTER TABLE executions_app_{table} RESET ({RESET})" for table in TABLES],
        ),
    ]
