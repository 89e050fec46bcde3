"""A person who uses the REST API and whose systems call webhooks. Callers behave as real ones: what was not answered
with 2xx is sent again, with the same delivery id."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx

PASSWORD = "correct horse battery"  # noqa: S105 - of an account that lives as long as the campaign
TIMEOUT_S = 15.0
PATIENCE_S = 120.0
RETRY_S = 0.25


class GaveUp(Exception):
    """No 2xx within the patience of the caller."""


@dataclass
class Answers:
    """What one sending took: statuses in order (0: no answer), and the answer that was good."""

    statuses: list[int] = field(default_factory=list)
    accepted_at: float = 0.0
    execution_id: str = ""
    seconds: float = 0.0


class Client:
    """Safe for several threads."""

    def __init__(self, url: str, email: str) -> None:
        self.url = url
        self.email = email
        self.patience_s = PATIENCE_S
        self._http = httpx.Client(
            base_url=url, timeout=TIMEOUT_S, limits=httpx.Limits(max_connections=64, max_keepalive_connections=16)
        )
        self._token = ""

    def register(self) -> None:
        body = {"email": self.email, "password": PASSWORD, "name": self.email.partition("@")[0]}
        self._http.post("/api/auth/register", json=body).raise_for_status()
        self.sign_in()

    def sign_in(self) -> None:
        answer = self._http.post("/api/auth/login", json={"email": self.email, "password": PASSWORD})
        answer.raise_for_status()
        self._token = answer.json()["accessToken"]

    @property
    def token(self) -> str:
        return self._token

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> httpx.Response:
        """One call, signed in; whatever comes back. Raises httpx.HTTPError where nothing does."""
        given = {"Authorization": f"Bearer {self._token}", **headers}
        answer = self._http.request(method, path, json=body, headers=given)
        if answer.status_code == 401:
            self.sign_in()
            answer = self._http.request(
                method, path, json=body, headers=given | {"Authorization": f"Bearer {self._token}"}
            )
        return answer

    def deploy(self, graph: dict[str, Any], *, publish: bool = True) -> str:
        """The id of a new workflow with that graph, switched on."""
        answer = self.call("POST", "/api/workflows", {"name": graph["name"], "graph": graph})
        if answer.status_code != 201:
            raise GaveUp(f"{answer.status_code} {answer.text[:500]}")
        workflow_id = str(answer.json()["id"])
        if publish:
            answer = self.call("POST", f"/api/workflows/{workflow_id}/publish")
            if answer.status_code != 200:
                raise GaveUp(f"{answer.status_code} {answer.text[:500]}")
        return workflow_id

    def start(self, workflow_id: str, item: dict[str, Any], *, key: str = "") -> Answers:
        """Start it over the API, until it is accepted."""
        path = f"/api/workflows/{workflow_id}/execute"
        headers = {"Idempotency-Key": key} if key else {}
        return self._until_accepted(lambda: self.call("POST", path, {"input": item}, **headers))

    def hook(self, path: str, body: Any, *, delivery: str = "") -> Answers:
        """Call a webhook, until it is accepted."""
        headers = {"Webhook-Id": delivery} if delivery else {}
        return self._until_accepted(lambda: self._http.post(f"/webhook/{path}", json=body, headers=headers))

    def hook_once(self, path: str, body: Any, *, delivery: str = "") -> httpx.Response:
        """Call a webhook, once. Raises httpx.HTTPError where nothing comes back."""
        return self._http.post(f"/webhook/{path}", json=body, headers={"Webhook-Id": delivery} if delivery else {})

    def close(self) -> None:
        self._http.close()

    def _until_accepted(self, send: Callable[[], httpx.Response]) -> Answers:
        answers, began = Answers(), time.monotonic()
        while time.monotonic() - began < self.patience_s:
            asked = time.monotonic()
            try:
                answer = send()
            except httpx.HTTPError:
                answers.statuses.append(0)
            else:
                answers.statuses.append(answer.status_code)
                if answer.is_success:
                    answers.accepted_at, answers.seconds = time.time(), time.monotonic() - asked
                    answers.execution_id = execution_of(answer)
                    return answers
            time.sleep(RETRY_S)
        raise GaveUp(f"no 2xx in {self.patience_s} s: {answers.statuses[-20:]}")


def execution_of(answer: httpx.Response) -> str:
    """The execution an answer names; empty where it names none."""
    if named := answer.headers.get("x-pumpflix-execution"):
        return str(named)
    try:
        body = answer.json()
    except ValueError:
        return ""
    return str(body.get("executionId", "")) if isinstance(body, dict) else ""
