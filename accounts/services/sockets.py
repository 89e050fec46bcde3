"""Who is at the other end of a socket: a session, or what the first message brought. Asked again while it is open."""

import hashlib
import secrets
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from allauth.core.internal.sessionkit import get_session_user
from django.contrib.sessions.backends.cached_db import SessionStore
from django.core.cache import cache

from accounts.models import ApiKey, User
from accounts.services import api_keys, tokens

TICKET_S = 30
PREFIX = "pf_st_"


@dataclass(frozen=True, slots=True)
class Identity:
    """What it came with: an API key, the family of an access token, or the key of a session."""

    user: User
    key_id: UUID | None = None
    family: UUID | None = None
    session_key: str = ""

    def is_good(self) -> bool:
        """Whether it would be let in now. An access token that ran out meanwhile still counts; a pair that was ended, a
        revoked key and a closed account do not."""
        if self.key_id is not None:
            return api_keys.is_living(self.key_id)
        if self.family is not None:
            return tokens.is_living(self.family, user_id=self.user.pk)
        if not self.session_key:
            return User.objects.filter(pk=self.user.pk, is_active=True).exists()
        return _is_signed_in(self.session_key, self.user)


def _is_signed_in(session_key: str, user: User) -> bool:
    """As Django asks at each request: a session ends with the password it was opened by, though its row stays."""
    found = get_session_user(SessionStore(session_key))
    return found is not None and found.pk == user.pk


def identify(*, token: Any = None, ticket: Any = None) -> Identity | None:
    """None for anything that is not, or not any more, good."""
    if isinstance(ticket, str):
        return _take(ticket)
    if not isinstance(token, str):
        return None
    try:
        if token.startswith("pf_live_"):
            key = api_keys.read(token)
            # What a socket tells is read.
            return Identity(key.user, key_id=key.pk) if "read" in key.scopes else None
        access = tokens.read_access(token)
    except (api_keys.KeyInvalid, tokens.TokenInvalid):
        return None
    return Identity(access.user, family=access.family)


def give_ticket(user: User, auth: Any, *, session_key: str = "") -> str:
    """A word that opens one socket within half a minute, for clients that must not show their token to scripts."""
    ticket = PREFIX + secrets.token_urlsafe(32)
    known = {"user": str(user.pk), "family": "", "key": "", "only_team": "", "session": ""}
    if isinstance(auth, tokens.Access):
        known["family"] = str(auth.family)
    elif isinstance(auth, ApiKey):
        known |= {"key": str(auth.pk), "only_team": str(auth.team_id)}
    else:
        known["session"] = session_key
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
    found = Identity(user, _uuid(known["key"]), _uuid(known["family"]), known["session"])
    return found if found.is_good() else None


def _uuid(text: str) -> UUID | None:
    return UUID(text) if text else None


def _name(ticket: str) -> str:
    return f"socket-ticket:{hashlib.sha256(ticket.encode('utf-8', 'replace')).hexdigest()}"
