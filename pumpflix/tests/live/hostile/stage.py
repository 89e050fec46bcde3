"""The running stack under attack: whose it is, who else lives there, and what must be the same afterwards."""

import json
import re
import secrets
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import httpx
import psutil
import psycopg

from pumpflix.env import ROOT
from pumpflix.tests.live.hostile.entries import Outcome
from pumpflix.tests.live.hostile.names import SITECUSTOMIZE
from pumpflix.tests.live.hostile.outside import Canary, Machine
from pumpflix.tests.product import OUTSIDE, Product, patience
from workflows_app.tests.graphs import assign, chain, node

PASSWORD = "correct horse battery"
SECRET_KEY = "known-to-the-test-so-that-it-can-forge-tokens"
REQUEST_S = 15.0
RUN_S = 30.0
LIMITS = ("API", "BROWSER", "AUTH", "AUTH_ADDRESS", "EXPORT", "WEBHOOK")
WORKER_NEWS = re.compile(r"worker_|self_fenced|pumpflix: ")
FAULT = re.compile(r'"level": "(?:error|critical)"|Traceback \(most recent call last\)')
ROWS_OF_OTHERS = """
SELECT c.conrelid::regclass::text, a.attname, c.confrelid::regclass::text, b.attname
  FROM pg_constraint c
  JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
  JOIN pg_attribute b ON b.attrelid = c.confrelid AND b.attnum = c.confkey[1]
 WHERE c.contype = 'f' AND c.connamespace = 'public'::regnamespace
"""


def environ(folder: Path) -> dict[str, str]:
    """What the product is started with: limits that are out of the way, except those of size and time, and names that
    answer as an attacker's would."""
    folder.mkdir(exist_ok=True)
    (folder / "sitecustomize.py").write_text(SITECUSTOMIZE.format(root=str(ROOT)))
    return {
        "PYTHONPATH": str(folder),
        "PUMPFLIX_SECRET_KEY": SECRET_KEY,
        "PUMPFLIX_GRACE_S": "5",
        "PUMPFLIX_WORKERS": "1",
        "PUMPFLIX_OUTBOUND_ALLOW": f"{OUTSIDE}/32",
        "PUMPFLIX_RUN_TIME_LIMIT_S": "20",
        "PUMPFLIX_KEEP_RUNS": "0",
        # Variables that a library may read on its own: nobody here may send anything through that proxy.
        "HTTP_PROXY": "http://127.0.0.1:9",
        "http_proxy": "http://127.0.0.1:9",
        "ALL_PROXY": "http://127.0.0.1:9",
        **{f"PUMPFLIX_LIMIT_{name}": "1000000/1 minute" for name in LIMITS},
    }


@dataclass
class Person:
    """Somebody with an account and a team, at the REST API."""

    url: str
    email: str
    tokens: dict[str, Any] = field(default_factory=dict)

    @cached_property
    def http(self) -> httpx.Client:
        return httpx.Client(base_url=self.url, timeout=REQUEST_S * patience(), trust_env=False)

    def register(self) -> None:
        body = {"email": self.email, "password": PASSWORD, "name": self.email.partition("@")[0]}
        self.http.post("/api/auth/register", json=body).raise_for_status()
        self.sign_in()

    def sign_in(self) -> None:
        answer = self.http.post("/api/auth/login", json={"email": self.email, "password": PASSWORD})
        self.tokens = answer.raise_for_status().json()

    @property
    def bearer(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.tokens['accessToken']}"}

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """What is answered to a good request."""
        answer = self.http.request(method, path, json=body, headers=self.bearer)
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text[:500]}"
        return answer.json() if answer.content else None

    def made(self, graph: dict[str, Any], *, publish: bool = False) -> str:
        workflow_id = str(self.call("POST", "/api/workflows", {"name": graph["name"], "graph": graph})["id"])
        if publish:
            self.call("POST", f"/api/workflows/{workflow_id}/publish")
        return workflow_id

    def ended(self, execution_id: str, limit_s: float = RUN_S) -> dict[str, Any]:
        """The execution when it is over, or waits; `status` is `hang` where it does not come to that."""
        deadline = time.monotonic() + limit_s * patience()
        while time.monotonic() < deadline:
            found: dict[str, Any] = self.call("GET", f"/api/executions/{execution_id}")
            if found["status"] not in ("queued", "running"):
                return found
            time.sleep(0.05)
        return {"status": "hang", "error": None}


@dataclass
class Stage:
    product: Product
    canary: Canary
    machine: Machine
    own: Person
    other: Person
    names: dict[str, str] = field(default_factory=dict)
    hooks: dict[str, str] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    @classmethod
    def set_up(cls, product: Product, canary: Canary, machine: Machine) -> "Stage":
        mark = secrets.token_hex(3)
        people = [Person(product.url, f"{name}.{mark}@mail.example") for name in ("own", "other")]
        for person in people:
            person.register()
        stage = cls(product, canary, machine, *people)
        stage.names = stage._names()
        return stage

    def _names(self) -> dict[str, str]:
        """What entries may name."""
        found = {
            "port": self.product.url.rsplit(":", 1)[1], "canary": str(self.canary.port), "outside": self.machine.url,
            "outside_port": str(self.machine.plain.port), "self_signed": self.machine.self_signed.url,
            "expired": self.machine.expired.url, "url": self.product.url,
        }  # fmt: skip
        found["hook"] = self.echo
        # Nobody listens there, so that a mail which is not refused for what it is ends at once.
        mail = {"host": OUTSIDE, "port": 9, "user": "a", "password": "b", "secure": False}
        found["smtp"] = self.own.call("POST", "/api/credentials", {"name": "Mail", "type": "smtp", "fields": mail})[
            "id"
        ]
        for side, person in (("own", self.own), ("other", self.other)):
            workflow = person.made(chain(node("Start", "manualTrigger"), node("Set", "set", 3.4, **assign(a=1))))
            started = person.call("POST", f"/api/workflows/{workflow}/execute", {})["executionId"]
            person.ended(started)
            # Counted now, or else by the next tick, which would look like a change.
            person.call("GET", f"/api/workflows/{workflow}/stats")
            fields = {"name": "X-Key", "value": f"the-key-of-{side}"}
            credential = person.call(
                "POST", "/api/credentials", {"name": "Key", "type": "httpHeaderAuth", "fields": fields}
            )
            team = person.call("GET", "/api/auth/me")["teams"][0]["id"]
            found |= {f"{side}.workflow": workflow, f"{side}.execution": str(started), f"{side}.team": str(team)}
            found |= {f"{side}.credential": credential["id"], f"{side}.email": person.email}
            found |= {f"{side}.token": person.tokens["accessToken"]}
        return found | {"own.WORKFLOW": found["own.workflow"].upper()}

    @property
    def database_url(self) -> str:
        return self.product.database_url

    def database(self) -> psycopg.Connection[Any]:
        return psycopg.connect(self.database_url, autocommit=True)

    @cached_property
    def browser(self) -> httpx.Client:
        """A browser without scripts, in which the team under test has signed in on the page."""
        found = httpx.Client(
            base_url=self.own.url, timeout=REQUEST_S * patience(), trust_env=False, follow_redirects=True
        )
        page = found.get("/accounts/login/")
        form = {"login": self.own.email, "password": PASSWORD, "csrfmiddlewaretoken": token_in(page.text)}
        found.post("/accounts/login/", data=form).raise_for_status()
        assert found.get("/workflows").url.path == "/workflows"
        return found

    # what must be the same afterwards ---------------------------------------------------------------------------
    def rows_of_other(self) -> dict[str, str]:
        """How many rows hang on the other team or its people, however far down, and a digest of them, by table and the
        wire that leads there."""
        query = (
            "SELECT count(*) || ' ' || coalesce(md5(string_agg(t::text, '|' ORDER BY t::text)), '') FROM {} t WHERE {}"
        )
        with psycopg.connect(self.database_url) as connection:
            return {
                f"{table}: {where}": connection.execute(query.format(table, where)).fetchone()[0]  # type: ignore[index]
                for table, where in self._rows_of_other(connection)
            }

    def _rows_of_other(self, connection: psycopg.Connection[Any]) -> Iterable[tuple[str, str]]:
        """Tables with the condition that finds the rows, found by following foreign keys from the team."""
        wires = connection.execute(ROWS_OF_OTHERS).fetchall()
        found = [("accounts_team", f"id = '{self.names['other.team']}'")]
        for depth in range(3):
            for parent, condition in [one for one in found if one[1].count("SELECT") == depth]:
                for child, column, target, key in wires:
                    if target == parent and child not in {parent, "accounts_user"}:
                        found.append((child, f"{column} IN (SELECT {key} FROM {parent} WHERE {condition})"))
        return dict.fromkeys(found)

    def processes(self) -> set[int]:
        """Web and worker, which every attack has to leave alive."""
        wanted = re.compile(r"pumpflix\.web|worker --hostname")
        found = psutil.Process(self.product.process.pid).children(recursive=True)
        return {one.pid for one in found if wanted.search(command_of(one))}

    def faults_after(self, size: int) -> list[str]:
        """Lines of the log that tell of a fault of ours, behind that many characters."""
        lines = self.product.log[size:].splitlines()
        return [line[:2000] for line in lines if FAULT.search(line)]

    def news_of_workers_after(self, size: int) -> list[str]:
        """What the log says of workers that went or came, behind that many characters."""
        return [line[:300] for line in self.product.log[size:].splitlines() if WORKER_NEWS.search(line)]

    def next_good_request(self) -> Outcome:
        """Through intake, the worker and back."""
        answer = self.own.http.post(f"/webhook/{self.echo}", json={"still": "alive"})
        return Outcome(str(answer.status_code), text=answer.text)

    @cached_property
    def echo(self) -> str:
        """The path of a webhook that answers with what its run was given."""
        return self.hook(responseMode="lastNode")

    def hook(self, credential: tuple[str, dict[str, Any]] | None = None, **parameters: Any) -> str:
        """The path of a new webhook that is switched on; `credential` is the type and fields of the one it asks for."""
        path = f"hook-{secrets.token_hex(4)}"
        given = {"httpMethod": "POST", "path": path, "options": {}, **parameters}
        trigger = node("Hook", "webhook", 2, **given)
        if credential is not None:
            kind, fields = credential
            made = self.own.call("POST", "/api/credentials", {"name": path, "type": kind, "fields": fields})
            trigger["credentials"] = {kind: {"id": made["id"], "name": path}}
        self.own.made(chain(trigger, node("Out", "noOp"), name=path), publish=True)
        return path

    def items_of(self, execution_id: str, name: str) -> list[dict[str, Any]]:
        """What a node put out."""
        query = f"node={name}&limit=100"
        found = self.own.call("GET", f"/api/executions/{execution_id}/data?{query}")
        return list(found["items"])


def body_of(value: Any) -> bytes:
    """The bytes of a body that an entry gives as text, bytes, or anything that JSON can say."""
    if isinstance(value, bytes):
        return value
    text = value if isinstance(value, str) else json.dumps(value)
    return text.encode("utf-8", "surrogatepass")


def command_of(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.Error:
        return ""


def token_in(page: str) -> str:
    """The token of the forms of a page."""
    return re.findall(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)[0]
