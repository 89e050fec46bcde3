"""One page of a form: what it shows, as JSON that outlives the turn, and what comes back when it is sent."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from workflows_app.engine.items import JsonObject
from workflows_app.engine.workflow import Node, Workflow
from workflows_app.toolkit.compare import to_number, to_text
from workflows_app.toolkit.dates import zone_named
from workflows_app.toolkit.ensure import ensure
from workflows_app.toolkit.form_fields import FormField, FormFields
from workflows_app.toolkit.moment_format import format_moment

ENDING = "application/vnd.pumpflix.form-ending+json"
"""Type of an answer that says what the last page of a form shows: `{title, message, file?} | {redirect} | {html}`."""
FORM_TRIGGER = "n8n-nodes-base.formTrigger"
FORM_PAGE = "n8n-nodes-base.form"
SEVERAL = ("checkbox",)
CHOSEN = ("dropdown", "radio", "checkbox")
EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s.]+(\.[^@\s.]+)+", re.ASCII)
DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
MOST_CHARACTERS = 100_000


@dataclass(frozen=True, slots=True)
class Sent:
    """What a page came back with: the values by name, and what is wrong by number of the field."""

    values: JsonObject = field(default_factory=dict)
    files: dict[str, JsonObject] = field(default_factory=dict)
    problems: dict[int, str] = field(default_factory=dict)


def page_of(title: str, description: str, button: str, fields: FormFields) -> JsonObject:
    return {
        "title": title,
        "description": description,
        "button": button or "Submit",
        "fields": [shown_field(one) for one in fields.values],
    }


def trigger_page(node: Node) -> JsonObject:
    """The first page, from stored parameters. Nothing ran before it, so an expression in them shows as its text."""
    parameters = {name: plain(value) for name, value in node.parameters.items()}
    options = parameters.get("options")
    button = to_text(options.get("buttonLabel")) if isinstance(options, dict) and options.get("buttonLabel") else ""
    fields = parameters.get("formFields")
    if parameters.get("defineForm") == "json":
        fields = {"values": ensure("array", parameters.get("jsonOutput") or "[]", "jsonOutput")}
    page = page_of(
        to_text(parameters.get("formTitle") or ""),
        to_text(parameters.get("formDescription") or ""),
        button,
        FormFields.model_validate(fields if isinstance(fields, dict) else {}),
    )
    return {**page, "attribution": is_branded(node.parameters)}


def is_branded(trigger: JsonObject) -> bool:
    """Whether pages show where the form runs."""
    options = trigger.get("options")
    return not isinstance(options, dict) or options.get("appendAttribution") is not False


def plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: plain(part) for key, part in value.items()}
    if isinstance(value, list):
        return [plain(part) for part in value]
    return value.removeprefix("=") if isinstance(value, str) else value


def form_zone(node: Node, workflow: Workflow) -> str:
    """The zone that the time of sending is written in: the workflow's from version 2.1 on, unless the node says so."""
    chosen = (node.parameters.get("options") or {}).get("useWorkflowTimezone", node.type_version > 2)
    zone = str(workflow.settings.get("timezone") or "")
    return zone if chosen and zone not in ("", "DEFAULT") else "UTC"


def shown_field(one: FormField) -> JsonObject:
    kind = {"": "text", "hiddenField": "hidden"}.get(one.field_type, one.field_type)
    name = one.field_name or (one.element_name if kind == "html" else one.field_label)
    shown: JsonObject = {"kind": kind, "name": name, "label": one.field_label or name}
    if kind == "html":
        return {**shown, "html": one.html}
    if kind == "hidden":
        return {**shown, "value": one.field_value}
    shown |= {"isRequired": one.required_field, "placeholder": one.placeholder, "value": one.default_value}
    if kind in CHOSEN:
        shown["options"] = [choice.option for choice in one.field_options.values]
        shown["several"] = kind in SEVERAL or (kind == "dropdown" and one.multiselect)
    if kind == "file":
        shown |= {"several": one.multiple_files, "accept": one.accept_file_types}
    if kind == "date":
        shown["format"] = one.format_date
    return shown


def input_name(number: int) -> str:
    """What the field is called in the request."""
    return f"field-{number}_"


def read_sent(page: JsonObject, given: Mapping[str, Sequence[str]], files: Mapping[str, Sequence[JsonObject]]) -> Sent:
    """Judge and read what was sent for each field; fields that are not on the page are left out."""
    sent = Sent()
    for number, one in enumerate(page["fields"]):
        texts = [text[:MOST_CHARACTERS] for text in given.get(input_name(number), ()) if text.strip()]
        uploads = list(files.get(input_name(number), ()))
        problem = problem_of(one, texts, uploads)
        if problem:
            sent.problems[number] = problem
        elif one["kind"] == "file":
            take_files(sent, one, uploads)
        elif one["kind"] == "html":
            if one["name"]:
                sent.values[one["name"]] = one["html"]
        else:
            sent.values[one["name"]] = value_of(one, texts)
    return sent


def problem_of(one: JsonObject, texts: Sequence[str], uploads: Sequence[JsonObject]) -> str:
    """What is wrong with one field, for the person who filled it in; empty if nothing is."""
    if one["kind"] in ("html", "hidden"):
        return ""
    if one["kind"] == "file":
        return file_problem(one, uploads)
    if not texts:
        return "Fill this in." if one["isRequired"] else ""
    text = texts[0].strip()
    if one["kind"] == "number" and not math.isfinite(to_number(text)):
        return "Enter a number."
    if one["kind"] == "email" and EMAIL.fullmatch(text) is None:
        return "Enter an e-mail address, such as name@example.com."
    if one["kind"] == "date" and not is_date(text):
        return "Enter a date as year, month and day: 2026-03-01."
    if one["kind"] in CHOSEN and any(choice not in one["options"] for choice in texts):
        return "Choose one of the answers."
    return ""


def file_problem(one: JsonObject, uploads: Sequence[JsonObject]) -> str:
    if not uploads:
        return "Choose a file." if one["isRequired"] else ""
    if len(uploads) > 1 and not one["several"]:
        return "Choose one file only."
    allowed = [part.strip().lower() for part in str(one["accept"]).split(",") if part.strip()]
    if allowed and not all(is_accepted(upload, allowed) for upload in uploads):
        return f"Only these files can be sent: {one['accept']}."
    return ""


def is_accepted(upload: JsonObject, allowed: Sequence[str]) -> bool:
    name, kind = str(upload.get("fileName") or "").lower(), str(upload.get("mimeType") or "").lower()
    return any(
        name.endswith(one if one.startswith(".") else f".{one}")
        or (one.endswith("/*") and kind.startswith(one[:-1]))
        or one in (kind, "*", "*/*")
        for one in allowed
    )


def is_date(text: str) -> bool:
    try:
        return DATE.fullmatch(text) is not None and bool(datetime.fromisoformat(text))
    except ValueError:
        return False


def value_of(one: JsonObject, texts: Sequence[str]) -> Any:
    """Null for what was left empty, numbers as numbers, several choices as a list."""
    if one["kind"] == "hidden":
        return texts[0] if texts else one["value"]
    if one.get("several"):
        return list(texts)
    if not texts:
        return None
    text = texts[0].strip()
    if one["kind"] == "number":
        number = float(to_number(text))
        return int(number) if number.is_integer() and abs(number) < 2**53 else number
    if one["kind"] == "date" and one.get("format"):
        pattern = str(one["format"]).replace("yyyy", "YYYY").replace("dd", "DD").replace("mm", "MM")
        return format_moment(datetime.fromisoformat(text), pattern)
    return texts[0] if one["kind"] == "textarea" else text


def take_files(sent: Sent, one: JsonObject, uploads: Sequence[JsonObject]) -> None:
    """Files become binaries named after the field; the value says what was sent."""
    said = [
        {"filename": upload.get("fileName"), "mimetype": upload.get("mimeType"), "size": upload.get("fileSize")}
        for upload in uploads
    ]
    name = re.sub(r"\W", "_", one["name"], flags=re.ASCII)
    for number, upload in enumerate(uploads):
        sent.files[f"{name}_{number}" if one["several"] else name] = upload
    sent.values[one["name"]] = said if one["several"] else (said[0] if said else None)


def item_of(sent: Sent, now: datetime, zone: str, mode: str) -> JsonObject:
    """The item a page gives, with when and how it was sent."""
    at = now.astimezone(zone_named(zone)).isoformat(timespec="milliseconds")
    item: JsonObject = {"json": {**sent.values, "submittedAt": at.replace("+00:00", "Z"), "formMode": mode}}
    return {**item, "binary": sent.files} if sent.files else item
