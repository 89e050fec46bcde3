from django.db import migrations

NAME = """
UPDATE executions_app_outboxmessage m SET workflow_id = a.workflow_id
  FROM executions_app_alertsent s JOIN executions_app_alert a ON a.id = s.alert_id
 WHERE m.node = 'Alert' AND m.execution_id IS NULL AND m.message_id LIKE '<pf-alert-' || s.id || '@%'
"""


class Migration(migrations.Migration):
    dependencies = [("executions_app", "0020_hide_mails_about_private_workflows")]

    operations = [migrations.RunSQL(NAME, migrations.RunSQL.noop)]
