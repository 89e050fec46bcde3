"""What somebody may know about themselves."""

from typing import Any

from accounts.selectors.roles import teams_of


def about(user: Any) -> dict[str, Any]:
    """Account and teams, as `GET /api/auth/me` gives them."""
    return {
        "id": user.pk,
        "email": user.email,
        "name": user.name,
        "role": "admin" if user.is_superuser else "curator" if user.is_curator else "user",
        "theme": user.theme,
        "locale": user.locale,
        "time_zone": user.time_zone,
        "created_at": user.date_joined,
        "teams": teams_of(user),
    }
