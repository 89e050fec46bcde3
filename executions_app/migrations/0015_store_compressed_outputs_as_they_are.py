"""Outputs and files are compressed before they are stored; PostgreSQL need not try again."""

from django.db import migrations

COLUMNS = (("executions_app_payload", "data"), ("executions_app_noderun", "output"))


def storage(kind: str) -> str:
    return "; ".join(f"ALTER TABLE {table} ALTER COLUMN {column} SET STORAGE {kind}" for table, column in COLUMNS)


class Migration(migrations.Migration):
    dependencies = [("executions_app", "0014_let_people_delete_runs")]

    operations = [migrations.RunSQL(storage("EXTERNAL"), storage("EXTENDED"))]
