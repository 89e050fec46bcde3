from django.db import migrations


class Migration(migrations.Migration):
    """Failures are looked after by `executions.failures`; the row of the job before it would wait for ever."""

    dependencies = [("executions_app", "0016_keep_delivery_numbers")]

    operations = [
        migrations.RunSQL(
            "DELETE FROM executions_app_job WHERE kind = 'executions.tell-failures'", migrations.RunSQL.noop
        )
    ]
