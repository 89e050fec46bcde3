"""What people say about themselves."""

from typing import Any

from accounts.models import User


def change_profile(user: User, **changes: Any) -> User:
    """Write the given fields (`name`, `theme`) and nothing else."""
    for name, value in changes.items():
        setattr(user, name, value)
    user.save(update_fields=list(changes))
    return user
