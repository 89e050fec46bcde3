"""Credentials a workflow asks for, with what its user could give it."""

from dataclasses import dataclass
from typing import Any

from workflows_app import credential_types
from workflows_app.engine.workflow import Workflow as Graph
from workflows_app.models import Workflow
from workflows_app.selectors.credentials import CredentialView, credentials_for


@dataclass(frozen=True)
class Connection:
    """One credential type: which nodes want it, what is chosen (an id or ""), what can be chosen."""

    type: str
    label: str
    where: str
    nodes: list[str]
    chosen: str
    choices: list[CredentialView]

    @property
    def field(self) -> str:
        return f"credential-{self.type}"


def connections(workflow: Workflow, user: Any) -> list[Connection]:
    """By type, in the order the nodes ask for them."""
    wanted: dict[str, list[str]] = {}
    chosen: dict[str, str] = {}
    for node in Graph.from_n8n(workflow.graph).nodes:
        for kind, reference in node.credentials.items():
            wanted.setdefault(kind, []).append(node.name)
            if isinstance(reference, dict) and reference.get("id"):
                chosen[kind] = str(reference["id"])
    return [connection(kind, names, chosen.get(kind, ""), user) for kind, names in wanted.items()]


def connection(kind: str, names: list[str], chosen: str, user: Any) -> Connection:
    known = credential_types.load().find(kind)
    label, where = (known.label, str(getattr(known, "where", "") or "")) if known else (kind, "")
    return Connection(kind, label, where, names, chosen, credentials_for(user, type=kind))
