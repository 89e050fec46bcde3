"""Who is at the other end of a socket: a session, or what the first message brought. Asked again while it is open."""

import hashlib
import secrets
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib.sessions.backends.cached_db import SessionStore
from django.core.cache import cache

from accounts.models import ApiKey, User
from accounts.services import api_keys, tokens

TICKET_S = 30
PREFIX = "pf_st_"


@dataclass(frozen=True, slots=True)
class Identity:
    """What it came with: the text of an API key, the family of an access token, or the key of a session."""

    user: User
    token: str = ""
    family: UUID | None = None
    session_key: str = ""

    def is_good(self) -> bool:
        """Whether it would be let in now. An access token that ran out meanwhile still counts; a pair that was ended, a
        revoked key and a closed account do not."""
        if self.token:
            try:
                api_keys.read(self.token)
            except api_keys.KeyInvalid:
                return False
            return True
        if self.family is not None:
            return tokens.is_living(self.family, user_id=self.user.pk)
        is_open = not self.session_key or SessionStore(self.session_key).exists(self.session_key)
        return is_open and User.objects.filter(pk=self.user.pk, is_active=True).exists()


def identify(*, token: Any = None, ticket: Any = None) -> Identity | None:
    """None for anything that is not, or not any more, good."""
    if isinstance(ticket, str):
        return _take(ticket)
    if not isinstance(token, str):
        return None
    try:
        if token.startswith("pf_live_"):
            return Identity(api_keys.read(token).user, token=token)
        access = tokens.read_access(token)
    except (api_keys.KeyInvalid, tokens.TokenInvalid):
        return None
    return Identity(access.user, family=access.family)


def give_ticket(user: User, auth: Any) -> str:
    """A word that opens one socket within half a minute, for clients that must not show their token to scripts."""
    ticket = PREFIX + secrets.token_urlsafe(32)
    known = {"user": str(user.pk), "family": "", "only_team": ""}
    if isinstance(auth, tokens.Access):
        known["family"] = str(auth.family)
    elif isinstance(auth, ApiKey):
        known["only_team"] = str(auth.team_id)
    cache.set(_name(ticket), known, TICKET_S)
    return ticket


def _take(ticket: str) -> Identity | None:
    """Good once: of several who bring it, the one that deletes it."""
    known = cache.get(_name(ticket))
    if not isinstance(known, dict) or not cache.delete(_name(ticket)):
        return None
    user = User.objects.filter(pk=known["user"], is_active=True).first()
    if user is None:
        return None
    if known["only_team"]:
        user.only_team_id = UUID(known["only_team"])
    return Identity(user, family=UUID(known["family"]) if known["family"] else None)


def _name(ticket: str) -> str:
    return f"socket-ticket:{hashlib.sha256(ticket.encode('utf-8', 'replace')).hexdigest()}"
