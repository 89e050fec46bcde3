"""The pages of forms, drawn on the server; they work without scripts and belong to nobody's session."""

from typing import Any
from uuid import uuid4

from django.db import DatabaseError, connection
from django.template.loader import render_to_string

from accounts import branding
from executions_app.intake.http import Headers
from pumpflix.lib.markdown import safe_fragment
from workflows_app.engine.items import JsonObject
from workflows_app.toolkit.approvals import LONGEST_NOTE
from workflows_app.toolkit.form_pages import input_name

POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; font-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
HTML = ("content-type", "text/html; charset=utf-8")
HEADERS: Headers = [
    HTML,
    (
        "content-security-policy",
        POLICY,
    ),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "same-origin"),
    ("cache-control", "no-store"),
]
INPUT_TYPES = {"number": "number", "email": "email", "password": "password", "date": "date"}


def page(shown: JsonObject, given: dict[str, list[str]], problems: dict[int, str], submission: str = "") -> bytes:
    """A page to fill in; after a first try with what was entered and what is wrong with it. `submission` makes a form
    that is sent twice count once."""
    fields = [field(number, one, given, problems.get(number, "")) for number, one in enumerate(shown["fields"])]
    context: dict[str, Any] = {
        "title": shown["title"] or "Form",
        "description": safe_fragment(shown["description"].replace("\n", "<br>")),
        "button": shown["button"],
        "fields": fields,
        "has_problems": bool(problems),
        "submission": submission or uuid4().hex,
    }
    return drawn("page", context, is_branded=shown.get("attribution", True))


def field(number: int, one: JsonObject, given: dict[str, list[str]], problem: str) -> dict[str, Any]:
    name = input_name(number)
    default = one.get("value") or ""
    chosen = given.get(name) or ([default] if default else [])
    return {
        **one,
        "input": name,
        "value": chosen[0] if chosen else "",
        "type": INPUT_TYPES.get(one["kind"], "text"),
        "html": safe_fragment(one["html"]) if one["kind"] == "html" else "",
        "choices": [{"text": text, "is_chosen": text in chosen} for text in one.get("options", [])],
        "problem": problem,
    }


def approval(shown: JsonObject, suggested: str) -> bytes:
    """A page that asks a person. `suggested` is the answer of the link that was opened: its button comes first."""
    answers = [{"value": "true", "text": shown["approve"]}, {"value": "false", "text": shown["decline"]}]
    offered = [one for one in answers if one["text"]]
    message = safe_fragment(shown["message"].replace("\n", "<br>"))
    offered.sort(key=lambda one: one["value"] != (suggested or "true"))
    context = {"title": shown["title"], "message": message, "answers": offered, "longest": LONGEST_NOTE}
    return drawn("approval", context)


def ending(title: str, message: str, *, is_error: bool = False, is_branded: bool = True, **then: str | int) -> bytes:
    """A page that only says something. `then`: it looks again after `again_s` seconds, leads on by `go_to`, or offers a
    `file`."""
    context = {"title": title, "message": safe_fragment(message.replace("\n", "<br>")), "is_error": is_error, **then}
    return drawn("ending", context, is_branded=is_branded)


def drawn(page_name: str, context: dict[str, Any], *, is_branded: bool = True) -> bytes:
    shown = {**context, "brand": brand(), "is_branded": is_branded}
    return render_to_string(f"forms/{page_name}.html", shown).encode()


def brand() -> dict[str, Any]:
    """That of the instance; its plain name while the database is away. The thread keeps no connection."""
    try:
        return branding.current()
    except DatabaseError:
        return {"name": "PumpFlix"}
    finally:
        connection.close()
