"""The guard that services put before what they change."""

from typing import Any
from uuid import UUID

from accounts.errors import RoleTooLow, TeamUnknown
from accounts.selectors.roles import is_at_least, role_in


def require(user: Any, team_id: UUID, role: str) -> None:
    """Raises TeamUnknown for who is not in the team, RoleTooLow for who may not. None stands for the product itself."""
    if user is None:
        return
    held = role_in(user, team_id)
    if not held:
        raise TeamUnknown
    if not is_at_least(held, role):
        raise RoleTooLow(role)
