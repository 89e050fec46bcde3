"""That somebody holds the link of an invitation, kept in their session: the link itself goes from address bar and
history at once."""

import time

from django.http import HttpRequest

from accounts.models import Invitation
from accounts.services.invitations import LINK_GOOD_FOR

KEY = "invitation"


def remember(request: HttpRequest, invitation: Invitation) -> None:
    """The mailbox is theirs, also for an account that they make now."""
    request.session[KEY] = {"hash": invitation.token_hash, "at": int(time.time())}


def invitation_of(request: HttpRequest) -> Invitation | None:
    """What the link of this session leads to, while it is open and for half an hour."""
    kept = getattr(request, "session", {}).get(KEY)
    if not isinstance(kept, dict) or time.time() - kept["at"] > LINK_GOOD_FOR.total_seconds():
        return None
    rows = Invitation.objects.open().select_related("team", "invited_by")
    return rows.filter(token_hash=kept["hash"]).first()


def forget(request: HttpRequest) -> None:
    request.session.pop(KEY, None)
