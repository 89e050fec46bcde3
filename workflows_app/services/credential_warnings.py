"""Tell a team before a credential of its ends: a week and a day ahead, each once."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from accounts.models import User
from accounts.services import notifications
from workflows_app.models import Credential
from workflows_app.selectors.credentials import expiring, used_by

DAYS_AHEAD = (1, 7)


def warn(*, now: datetime | None = None) -> int:
    """How many credentials somebody was told of."""
    moment = now or timezone.now()
    due = expiring(moment + timedelta(days=max(DAYS_AHEAD)))
    return sum(_warn_of(row, moment) for row in due if row.expires_at is not None and row.expires_at > moment)


def _warn_of(row: Credential, now: datetime) -> bool:
    assert row.expires_at is not None
    days = next(days for days in DAYS_AHEAD if row.expires_at <= now + timedelta(days=days))
    said = f"{days} {row.expires_at.isoformat()}"
    with transaction.atomic():
        # One of many who look at the same time writes it, and tells; a new end is a new warning.
        if not Credential.objects.filter(pk=row.pk).exclude(warned_of=said).update(warned_of=said):
            return False
        for user in people_of(row):
            tell(user, row, (row.expires_at - now).days + 1)
    return True


def people_of(credential: Credential) -> list[User]:
    """Who can renew it: owners and editors of its team."""
    rows = User.objects.filter(
        is_active=True, memberships__team_id=credential.team_id, memberships__role__in=("owner", "editor")
    )
    return list(rows.distinct())


def tell(user: User, credential: Credential, days: int) -> None:
    users = used_by(credential, user)
    with override(user.locale or None):
        named = " " + _("Used by: %s.") % ", ".join(one["name"] for one in users[:5]) if users else ""
        notifications.notify(
            user,
            kind="credential.expiring",
            title=ngettext(
                "The credential “%(name)s” ends within a day.",
                "The credential “%(name)s” ends within %(days)s days.",
                days,
            )
            % {"name": credential.name, "days": days},
            text=_("Renew it before then: workflows that use it will fail.") + named,
            url=f"/workflows/{users[0]['id']}" if users else "",
        )
