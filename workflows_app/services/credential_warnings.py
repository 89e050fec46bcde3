"""Tell a team before a credential of its ends, a week and a day ahead, each once; and when one has to be connected
anew."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.urls import reverse
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


def ask_to_reconnect(credential_id: UUID) -> bool:
    """Note that the service gives no token any more, and tell who can sign in again; the first time only."""
    with transaction.atomic():
        rows = Credential.objects.filter(pk=credential_id, failing_since=None)
        if not rows.update(failing_since=timezone.now()):
            return False
        row = Credential.objects.get(pk=credential_id)
        for user in people_of(row):
            tell_to_reconnect(user, row)
    return True


def tell_to_reconnect(user: User, credential: Credential) -> None:
    with override(user.locale or None):
        notifications.notify(
            user,
            kind="credential.reconnect",
            title=_("Connect “%(name)s” again") % {"name": credential.name},
            text=_("The service gives no new token for it: sign in with the service again.")
            + named_users(credential, user),
            url=address_of(credential),
        )


def address_of(credential: Credential) -> str:
    return reverse("workflows_app:credential-show", args=[credential.pk])


def named_users(credential: Credential, user: User) -> str:
    """Which workflows of theirs it is about; empty where none."""
    users = used_by(credential, user)
    return " " + _("Used by: %s.") % ", ".join(one["name"] for one in users[:5]) if users else ""


def people_of(credential: Credential) -> list[User]:
    """Who can renew it: owners and editors of its team."""
    rows = User.objects.filter(
        is_active=True, memberships__team_id=credential.team_id, memberships__role__in=("owner", "editor")
    )
    return list(rows.distinct())


def tell(user: User, credential: Credential, days: int) -> None:
    with override(user.locale or None):
        notifications.notify(
            user,
            kind="credential.expiring",
            title=ngettext(
                "The credential “%(name)s” ends within a day.",
                "The credential “%(name)s” ends within %(days)s days.",
                days,
            )
            % {"name": credential.name, "days": days},
            text=_("Renew it before then: workflows that use it will fail.") + named_users(credential, user),
            url=address_of(credential),
        )
