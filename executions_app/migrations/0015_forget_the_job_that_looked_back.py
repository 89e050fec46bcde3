from django.db import migrations


class Migration(migrations.Migration):
    """Failures are looked after by `executions.failures`; the row of the job before it would wait for ever."""

    dependencies = [("executions_app", "0014_let_people_delete_runs")]

    operations = [
        migrations.RunSQL(
            "DELETE FROM executions_app_job WHERE kind = 'executions.tell-failures'", migrations.RunSQL.noop
        )
    ]
