"""A service of somebody else to sign in with: an OpenID provider on a port of this machine that also answers as Google
and as Facebook do. It is strict, and what it is told is kept for the test to look at."""

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

CLIENT_ID, CLIENT_SECRET = "pumpflix-here", "a-secret-of-the-test-alone"
GOOGLE = "https://accounts.google.com"
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
STRANGERS_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


@dataclass
class Provider:
    """`person` is who is signed in there; `lies` change what it says."""

    url: str
    person: dict[str, Any] = field(
        default_factory=lambda: {
            "sub": "248289761001",
            "email": "Ada@Mail.example",
            "email_verified": True,
            "name": "Ada Lovelace",
            "given_name": "Ada",
            "family_name": "Lovelace",
        }
    )
    lies: dict[str, Any] = field(default_factory=dict)
    issued: dict[str, dict[str, str]] = field(default_factory=dict)
    asked: list[dict[str, str]] = field(default_factory=list)
    exchanged: list[dict[str, str]] = field(default_factory=list)

    @property
    def issuer(self) -> str:
        return str(self.lies.get("issuer", self.url))

    def config(self) -> dict[str, Any]:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "userinfo_endpoint": f"{self.url}/userinfo",
            "jwks_uri": f"{self.url}/jwks",
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
        }

    def code_for(self, query: dict[str, str]) -> str:
        """Somebody pressed *Continue* there."""
        self.asked.append(query)
        code = secrets.token_urlsafe(16)
        self.issued[code] = query
        return f"{query['redirect_uri']}?{urlencode({'code': code, 'state': query.get('state', '')})}"

    def exchange(self, given: dict[str, str]) -> dict[str, Any] | None:
        """None for a code that is not, or whose verifier, secret or address is not right. A code is good once."""
        self.exchanged.append(given)
        query = self.issued.pop(given.get("code", ""), None)
        digest = hashlib.sha256(given.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        if query is None or challenge != query.get("code_challenge"):
            return None
        is_client = (given.get("client_id"), given.get("client_secret")) == (CLIENT_ID, CLIENT_SECRET)
        if not is_client or given.get("redirect_uri") != query["redirect_uri"]:
            return None
        return {"access_token": "at", "token_type": "Bearer", "expires_in": 600, "id_token": self.id_token()}

    def id_token(self) -> str:
        now = int(time.time())
        claims = {
            **self.person,
            "iss": self.lies.get("iss", self.issuer),
            "aud": self.lies.get("aud", CLIENT_ID),
            "iat": now,
            "exp": self.lies.get("exp", now + 600),
        }
        return jwt.encode(claims, self.lies.get("key", KEY), algorithm="RS256", headers={"kid": "k1"})

    def jwks(self) -> dict[str, Any]:
        public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(KEY.public_key()))
        return {"keys": [{**public, "kid": "k1", "use": "sig", "alg": "RS256"}]}

    def userinfo(self) -> dict[str, Any]:
        return {**self.person, **self.lies.get("userinfo", {})}

    def graph_me(self) -> dict[str, Any]:
        """As Facebook tells: no word of whether the address was confirmed."""
        return {"id": self.person["sub"], "email": self.person["email"], "name": self.person["name"]}


def handler_of(provider: Provider) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
            answers = {
                "/.well-known/openid-configuration": provider.config,
                "/jwks": provider.jwks,
                "/userinfo": provider.userinfo,
                "/graph/me": provider.graph_me,
            }
            if parts.path == "/moved":
                self.send_response(302)
                self.send_header("Location", f"{provider.url}/jwks")
                self.end_headers()
            elif parts.path == "/authorize":
                self.page(provider.code_for(query))
            elif parts.path in answers:
                self.say(200, answers[parts.path]())
            else:
                self.say(404, {})

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
            found = provider.exchange({name: values[-1] for name, values in parse_qs(body).items()})
            self.say(200, found) if found else self.say(400, {"error": "invalid_grant"})

        def page(self, target: str) -> None:
            href = target.replace("&", "&amp;")
            text = f'<!doctype html><title>Elsewhere</title><h1>Elsewhere</h1><a href="{href}">Yes, it is me</a>'
            self.answer(200, "text/html; charset=utf-8", text.encode())

        def say(self, status: int, value: Any) -> None:
            self.answer(status, "application/json", json.dumps(value).encode())

        def answer(self, status: int, kind: str, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Tests look at what it kept."""

    return Handler


@contextmanager
def openid_provider(address: str = "127.0.0.2") -> Iterator[Provider]:
    provider = Provider("")
    server = ThreadingHTTPServer((address, 0), handler_of(provider))
    provider.url = f"http://{address}:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
