"""What workflows keep sealed: credentials, and what was brought for import and is not stored yet."""

from accounts.keys import SealedColumn, register
from workflows_app.models import Credential, ImportEntry
from workflows_app.services import credentials, import_batches

register(
    SealedColumn("credential", Credential.every.all, "sealed", credentials.record_of, key_column="key_id"),
)
register(SealedColumn("import", ImportEntry.objects.all, "source", import_batches.record_of))
