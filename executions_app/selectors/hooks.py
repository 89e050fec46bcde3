"""Webhooks of a workflow as its page shows them."""

from collections.abc import Callable
from dataclasses import dataclass

from django.utils import timezone

from executions_app.selectors.lists import RunRow, recent_runs
from workflows_app.models import Webhook, Workflow

PREFIXES = {"form": "/form/", "chat": "/chat/"}
MESSAGE = """{"chatInput": "Hello", "sessionId": "1"}"""


@dataclass(frozen=True)
class HookView:
    """`curl` is a line to paste into a terminal."""

    node: str
    url: str
    methods: str
    curl: str
    requests: list[RunRow]
    is_listening: bool = False
    kind: str = "webhook"
    """Or `form` or `chat`: then people open its address."""


def hook_views(workflow: Workflow, *, absolute: Callable[[str], str]) -> list[HookView]:
    """`absolute` makes a full address of a path. The last calls are those of the workflow."""
    hooks = list(Webhook.objects.filter(workflow=workflow).order_by("node"))
    calls = {kind: recent_runs(workflow, mode=kind) for kind in {kind_of(hook) for hook in hooks}}
    return [hook_view(hook, absolute(address_of(hook)), calls[kind_of(hook)]) for hook in hooks]


def kind_of(hook: Webhook) -> str:
    found = hook.options.get("kind")
    return found if found in PREFIXES else "webhook"


def address_of(hook: Webhook) -> str:
    """The one address that is never anybody else's."""
    return f"{PREFIXES.get(kind_of(hook), '/hook/')}{hook.token}"


def hook_view(hook: Webhook, url: str, calls: list[RunRow]) -> HookView:
    is_chat = kind_of(hook) == "chat"
    method = "POST" if is_chat else hook.methods.split(",")[0].strip() or "POST"
    said = MESSAGE if is_chat else """{"hello": "world"}"""
    body = "" if method in ("GET", "HEAD") else f" -H 'Content-Type: application/json' -d '{said}'"
    answers = hook.is_live or hook.listen_version_id is not None
    is_listening = answers and hook.listen_until is not None and hook.listen_until > timezone.now()
    line = f"curl -X {method} {url}{body}"
    return HookView(hook.node, url, hook.methods.replace(",", ", "), line, calls, is_listening, kind_of(hook))
