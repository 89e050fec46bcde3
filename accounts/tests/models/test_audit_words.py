"""How the actions of the audit trail read."""

import pytest

from accounts.models import AuditEntry

pytestmark = pytest.mark.app


@pytest.mark.parametrize(
    "action, said",
    [
        ("invitation.create", "Invitation created"),
        ("credential.hand_over", "Credential handed over"),
        ("api_key.revoke", "API key revoked"),
        ("session.end_all", "Session ended everywhere"),
        ("template.published", "Template published"),
        ("login.failed", "Login failed"),
        ("second_factor.added", "Second factor added"),
        ("odd", "Odd"),
    ],
)
def test_an_action_reads_as_what_happened(action: str, said: str) -> None:
    assert AuditEntry(action=action).said == said
