"""Room for the files of a request, in the words of the lean handlers."""

from collections.abc import Iterable

from executions_app.intake.http import Refused
from executions_app.payloads import StoredPayload
from executions_app.storage_quota import StorageFull, quota

STORAGE_FULL = Refused(
    429, "storage_full", "The storage of this team is full. Send it again later.", [("retry-after", "300")]
)


def has_room(files: Iterable[StoredPayload]) -> bool:
    try:
        quota().admit(files)
    except StorageFull:
        return False
    return True
