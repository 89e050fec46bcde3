"""Where somebody is signed in, and how that ends: the sessions of browsers and the token pairs of programs."""

from allauth.usersessions.models import UserSession
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.services import audit, tokens


def end(session: UserSession, *, by: User) -> None:
    """Sign one browser out; its open sockets close within a minute."""
    session.end()
    audit.record("session.end", actor=by, team=None, target=by)


def end_everywhere(user: User, *, by: User | None = None) -> None:
    """Sign out every browser and program of `user` at once. API keys stay: they are revoked one by one."""
    with transaction.atomic():
        user.sessions_valid_from = timezone.now()
        user.save(update_fields=["sessions_valid_from"])
        tokens.revoke_all(user)
        audit.record("session.end_all", actor=by or user, team=None, target=user)
    for session in UserSession.objects.filter(user_id=user.pk):
        session.end()
