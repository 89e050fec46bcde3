"""What executions keep sealed: where alerts and notifications go."""

from django.db.models import QuerySet

from accounts.keys import SealedColumn, register
from accounts.models import NotificationChoice
from executions_app.models import Alert
from executions_app.services import alerts, notification_channels


def alert_rows() -> QuerySet[Alert]:
    return Alert.objects.select_related("workflow").defer("workflow__graph")


register(SealedColumn("alert", alert_rows, "sealed", alerts.record_of))
register(
    SealedColumn(
        "notification channel", NotificationChoice.objects.all, "slack_sealed", notification_channels.record_of
    )
)
