"""Digest sign-in (RFC 7616): the password itself never travels."""

from dataclasses import replace

from pydantic import Field

from workflows_app.engine.params import Params
from workflows_app.engine.ports import HttpRequest, HttpResponse
from workflows_app.toolkit.credential_type import CredentialType, Wire, hidden, register_credential
from workflows_app.toolkit.digest_auth import Challenge, authorization, challenge_of
from workflows_app.toolkit.fields import Text
from workflows_app.toolkit.http_draft import Draft

MEMORY = "digest"


class HttpDigestAuthFields(Params):
    user: Text = Field("", title="User", description="The name to sign in with.")
    password: Text = hidden("Password", "The password that belongs to it.")


@register_credential
class HttpDigestAuth(CredentialType[HttpDigestAuthFields]):
    """Name and password, proven without sending the password."""

    name = "httpDigestAuth"
    label = "Digest auth"
    where = "The service gives you a user name and a password."
    Fields = HttpDigestAuthFields

    def send(self, draft: Draft, fields: HttpDigestAuthFields, wire: Wire) -> HttpResponse:
        """Answers a known challenge at once; a new one, or one gone stale, costs one more call."""
        request = draft.to_request()
        known = wire.memory.get(MEMORY)
        response = wire.call(self.signed(request, fields, known, wire) if known else request)
        challenge = challenge_of(response.headers) if response.status == 401 else None
        if challenge is None or (known is not None and not challenge.is_stale and challenge.nonce == known.nonce):
            return response
        with wire.lock:
            wire.memory[MEMORY] = challenge
            wire.memory[challenge.nonce] = 0
        return wire.call(self.signed(request, fields, challenge, wire))

    def signed(
        self, request: HttpRequest, fields: HttpDigestAuthFields, challenge: Challenge, wire: Wire
    ) -> HttpRequest:
        """The request with the answer to the challenge; each use of a nonce is counted."""
        with wire.lock:
            count = int(wire.memory.get(challenge.nonce, 0)) + 1
            wire.memory[challenge.nonce] = count
        value = authorization(challenge, (fields.user, fields.password), request, count)
        kept = tuple(pair for pair in request.headers if pair[0].lower() != "authorization")
        return replace(request, headers=(*kept, ("Authorization", value)))
