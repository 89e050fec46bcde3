from workflows_app.models.credential import Credential, CredentialShare
from workflows_app.models.data_table import DataTable, DataTableRow, StaticData
from workflows_app.models.import_batch import ImportBatch, ImportEntry
from workflows_app.models.poll import Poll
from workflows_app.models.schedule import Schedule
from workflows_app.models.seen_history import SeenHistory, SeenValue
from workflows_app.models.team_file import TeamFile
from workflows_app.models.version import WorkflowVersion
from workflows_app.models.webhook import Webhook
from workflows_app.models.workflow import Workflow

__all__ = [
    "Credential",
    "CredentialShare",
    "DataTable",
    "DataTableRow",
    "ImportBatch",
    "ImportEntry",
    "Poll",
    "Schedule",
    "SeenHistory",
    "SeenValue",
    "StaticData",
    "TeamFile",
    "Webhook",
    "Workflow",
    "WorkflowVersion",
]
