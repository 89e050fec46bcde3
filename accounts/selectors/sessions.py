"""Where somebody is signed in."""

import re
from dataclasses import dataclass
from datetime import datetime

from allauth.usersessions.models import UserSession

from accounts.models import User

# The first that fits wins: every browser also names those it descends from.
BROWSERS = (("Edg", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)
PROGRAM = re.compile(r"[\w.-]{1,40}")


@dataclass(frozen=True, slots=True)
class SignedIn:
    """`where` is the browser in words, empty for one that says nothing about itself."""

    id: int
    where: str
    address: str
    since: datetime
    seen_at: datetime
    is_current: bool


def sessions_of(user: User, *, current_key: str = "") -> list[SignedIn]:
    """Those that still count, this one first, then by when they were last seen."""
    rows = [
        SignedIn(
            id=row.pk,
            where=described(row.user_agent),
            address=str(row.ip),
            since=row.created_at,
            seen_at=row.last_seen_at,
            is_current=row.session_key == current_key,
        )
        for row in UserSession.objects.purge_and_list(user)
    ]
    return sorted(rows, key=lambda row: (not row.is_current, -row.seen_at.timestamp()))


def session_of(user: User, session_id: int) -> UserSession | None:
    """One's own alone."""
    found: UserSession | None = UserSession.objects.filter(pk=session_id, user_id=user.pk).first()
    return found


def described(agent: str) -> str:
    """`Firefox, Linux` of what a browser sends; else the first word of it."""
    browser = next((name for mark, name in BROWSERS if mark in agent), "")
    system = next((name for mark, name in SYSTEMS if mark in agent), "")
    if browser or system:
        return ", ".join(part for part in (browser, system) if part)
    found = PROGRAM.match(agent)
    return found.group() if found else ""
