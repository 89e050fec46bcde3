from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


def remains_of(name: str) -> migrations.RunSQL:
    """A build that was interrupted leaves an index that is in the way of the next one and is used by nobody."""
    return migrations.RunSQL(f"DROP INDEX CONCURRENTLY IF EXISTS {name}", migrations.RunSQL.noop)


class Migration(migrations.Migration):
    """Beside runs that go on: the table is the largest, and is written all the time."""

    atomic = False
    dependencies = [("executions_app", "0017_forget_the_job_that_looked_back")]

    operations = [
        remains_of("execution_root"),
        AddIndexConcurrently(
            model_name="execution",
            index=models.Index(
                condition=models.Q(("root_id__isnull", False)), fields=["root_id"], name="execution_root"
            ),
        ),
        remains_of("execution_waits_canceled"),
        AddIndexConcurrently(
            model_name="execution",
            index=models.Index(
                condition=models.Q(("cancel_requested", True), ("status", "waiting")),
                fields=["id"],
                name="execution_waits_canceled",
            ),
        ),
    ]
