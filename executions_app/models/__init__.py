from executions_app.models.alert import Alert, AlertSent, Incident
from executions_app.models.analytics import DailyAnalytics, RemovedRuns
from executions_app.models.event import ExecutionEvent
from executions_app.models.execution import Execution
from executions_app.models.failure import Failure
from executions_app.models.inbound import IdempotencyRecord, InboundEvent
from executions_app.models.job import Job
from executions_app.models.job_file import JobFile, JobFilePart
from executions_app.models.kept_result import KeptResult
from executions_app.models.label import ExecutionLabel
from executions_app.models.node_effect import NodeEffect
from executions_app.models.node_run import NodeRun
from executions_app.models.outbox import OutboxMessage
from executions_app.models.payload import Payload, PayloadUse
from executions_app.models.report import Report
from executions_app.models.saved_view import SavedView

__all__ = [
    "Alert",
    "AlertSent",
    "DailyAnalytics",
    "Execution",
    "ExecutionEvent",
    "ExecutionLabel",
    "Failure",
    "IdempotencyRecord",
    "InboundEvent",
    "Incident",
    "Job",
    "JobFile",
    "JobFilePart",
    "KeptResult",
    "NodeEffect",
    "NodeRun",
    "OutboxMessage",
    "Payload",
    "PayloadUse",
    "RemovedRuns",
    "Report",
    "SavedView",
]
