"""The Credentials port made real: a node's own reference, decrypted for the moment of use."""

from collections.abc import Callable

from workflows_app.engine.errors import CredentialMissing
from workflows_app.engine.items import JsonObject

Open = Callable[[str, str], JsonObject | None]


class CredentialsAdapter:
    """`open_credential(node, credential_type)` returns the fields of the credential that node names, None if it has
    none that its team may use."""

    def __init__(self, open_credential: Open) -> None:
        self._open = open_credential

    def get(self, node: str, credential_type: str) -> JsonObject:
        fields = self._open(node, credential_type)
        if fields is None:
            raise CredentialMissing(
                f"{node} needs a credential of type {credential_type}.",
                hint="Add the credential to the node, or run with sample data.",
            )
        return fields
