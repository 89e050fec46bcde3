"""Conformance cases that call one helper: filter conditions, type validation, HTTP headers, schedules, and the helpers
of code. Answered by the toolkit that the node types use, so that a case judges what really runs."""

from collections.abc import Callable
from datetime import datetime, timedelta, tzinfo
from typing import Any

from workflows_app.engine.errors import PumpFlixError
from workflows_app.engine.items import JsonObject
from workflows_app.engine.ports import Code, CodeCall
from workflows_app.toolkit import http_text
from workflows_app.toolkit.compare import iso_text, json_text
from workflows_app.toolkit.conditions import Condition, Rules, contains, holds
from workflows_app.toolkit.convert import Unfit, convert, shown, to_moment
from workflows_app.toolkit.dates import zone_named
from workflows_app.toolkit.ensure import ensure
from workflows_app.toolkit.mapped_fields import checked_fields
from workflows_app.toolkit.paths import MISSING
from workflows_app.toolkit.schedules import cron_of

UNDEFINED = {"$type": "undefined"}
CODE_HELPERS = ("normalizeItems", "returnJsonArray", "copyInputItems", "constructExecutionMetaData")
CODE_TIMEOUT_S = 5.0


def answer(case: JsonObject, code: Code | None = None) -> JsonObject:
    """`{value}`, `{error}`, or `{unsupported}` for a helper that has no counterpart here. Helpers of code are called in
    the child behind `code`."""
    name = str(case.get("function"))
    if name in CODE_HELPERS and code is not None:
        return in_code(case, name, code)
    helper = HELPERS.get(name)
    if helper is None:
        return {"unsupported": True}
    zone = zone_named(str(case.get("timezone") or "UTC"))
    try:
        value = helper([argument_of(name, argument) for argument in case.get("args") or []], zone)
        return {"value": written(followed(value, case.get("post") or []))}
    except (PumpFlixError, Unfit) as error:
        return {"error": {"message": str(error), "type": type(error).__name__}}


def in_code(case: JsonObject, name: str, code: Code) -> JsonObject:
    """The helper as code has it, `this.helpers`, with the arguments of the case."""
    steps = "".join(f"[{json_text(step[1])}]" for step in case.get("post") or [] if step[0] == "get")
    arguments = ", ".join(script_value(argument) for argument in case.get("args") or [])
    header = {
        "kind": "code",
        "language": "javaScript",
        "mode": "runOnceForAllItems",
        "raw": True,
        "typed": True,
        "code": f"return this.helpers.{name}({arguments}){steps};",
    }
    data = json_text({"node": {"name": "Code", "parameters": {}}, "items": [], "nodes": {}}).encode()
    result = code.run(CodeCall(header, data, CODE_TIMEOUT_S))
    if result.get("error"):
        error = result["error"]
        return {"error": {"message": error.get("message"), "type": error.get("type")}}
    return {"value": result.get("output")}


def script_value(value: Any) -> str:
    """A typed value of a case as JavaScript."""
    if isinstance(value, list):
        return f"[{', '.join(map(script_value, value))}]"
    if not isinstance(value, dict):
        return json_text(value)
    if value.get("$type") == "undefined":
        return "undefined"
    return "{" + ", ".join(f"{json_text(key)}: {script_value(entry)}" for key, entry in value.items()) + "}"


def read(value: Any) -> Any:
    """A typed value of a case; undefined becomes None."""
    if isinstance(value, list):
        return [read(entry) for entry in value]
    if not isinstance(value, dict):
        return value
    kind = value.get("$type")
    if kind in ("Date", "DateTime"):
        moment = datetime.fromisoformat(value["iso"].replace("Z", "+00:00"))
        return moment.astimezone(zone_named(value["zone"])) if "/" in str(value.get("zone")) else moment
    if kind in ("NaN", "Infinity", "-Infinity", "-0"):
        return float(kind.lower().replace("infinity", "inf"))
    return None if kind == "undefined" else {key: read(entry) for key, entry in value.items()}


def argument_of(name: str, raw: Any) -> Any:
    """An argument; to a helper that tells undefined from null it stays told apart."""
    return MISSING if name == "ensureType" and raw == UNDEFINED else read(raw)


def written(value: Any) -> Any:
    if isinstance(value, datetime):
        return {"$type": "DateTime", "iso": iso_text(value), "zone": zone_name(value)}
    if isinstance(value, dict):
        return {key: written(entry) for key, entry in value.items()}
    return [written(entry) for entry in value] if isinstance(value, list) else value


def zone_name(moment: datetime) -> str:
    """An IANA name, or `UTC-4` for a fixed offset."""
    name = getattr(moment.tzinfo, "key", None)
    if name:
        return str(name)
    minutes = int((moment.utcoffset() or timedelta()).total_seconds() // 60)
    hours, rest = divmod(abs(minutes), 60)
    sign = "-" if minutes < 0 else "+"
    return "UTC" if not minutes else f"UTC{sign}{hours}" + (f":{rest:02}" if rest else "")


def followed(value: Any, steps: list[Any]) -> Any:
    """What is done with the result: members are read, methods of dates called."""
    for step in steps:
        if step[0] == "get" and isinstance(value, datetime):
            value = zone_name(value) if step[1] == "zoneName" else iso_text(value)
        elif step[0] == "get":
            value = value.get(step[1], UNDEFINED) if isinstance(value, dict) else UNDEFINED
    return value


def execute_filter(args: list[Any], zone: tzinfo) -> bool:
    stored = args[0]
    options = stored.get("options") or {}
    rules = Rules(
        case_sensitive=bool(options.get("caseSensitive")),
        strict=options.get("typeValidation") == "strict",
        version=int(options.get("version") or 1),
        zone=zone,
    )
    rows = [
        Condition(
            row.get("leftValue"),
            row.get("rightValue"),
            row["operator"]["type"],
            row["operator"]["operation"],
            row["operator"].get("rightType") or "",
        )
        for row in stored.get("conditions") or []
    ]
    return holds(rows, stored.get("combinator") or "and", rules)


def array_contains(args: list[Any], _zone: tzinfo) -> bool:
    values, wanted, ignore_case = args
    return contains(values, wanted, Rules(case_sensitive=not ignore_case))


def validate_field(args: list[Any], zone: tzinfo) -> JsonObject:
    _, value, kind, *rest = args
    options = rest[0] if rest and isinstance(rest[0], dict) else {}
    if value is None:
        return {"valid": True}
    try:
        strict, texts = bool(options.get("strict")), bool(options.get("parseStrings"))
        return {"valid": True, "newValue": convert(value, kind, strict=strict, texts=texts, zone=zone)}
    except Unfit as error:
        return {"valid": False, "errorMessage": str(error)}


def parse_date_time(args: list[Any], zone: tzinfo) -> datetime:
    return to_moment(args[0], zone_named(args[1]) if len(args) > 1 and args[1] else zone)


def content_type(args: list[Any], _zone: tzinfo) -> JsonObject | None:
    if not args[0]:
        return None
    parsed = http_text.parse_content_type(args[0])
    return {"type": parsed.type, "parameters": {"charset": "utf-8", **parsed.parameters}}


def content_disposition(args: list[Any], _zone: tzinfo) -> JsonObject | None:
    if not args[0]:
        return None
    header = args[0] if not args[0].lstrip().lower().startswith("filename") else f"attachment; {args[0]}"
    kind, _ = http_text.split_header(header)
    return {"type": kind, "filename": http_text.file_name_of(header, "", "")}


def ensure_type(args: list[Any], _zone: tzinfo) -> Any:
    kind, value, name = args
    return ensure(kind, value, name)


def check_fields(args: list[Any], _zone: tzinfo) -> JsonObject:
    """Values against the schema that the node stores beside them."""
    node, _, values, path = args[:4]
    stored = node["parameters"].get(path.split(".")[0]) or {}
    return checked_fields(values, stored.get("schema") or [], converts=bool(stored.get("attemptToConvertTypes")))


def is_expression(args: list[Any], _zone: tzinfo) -> bool:
    return isinstance(args[0], str) and args[0].startswith("=")


HELPERS: dict[str, Callable[[list[Any], tzinfo], Any]] = {
    "executeFilter": execute_filter,
    "arrayContainsValue": array_contains,
    "validateFieldType": validate_field,
    "tryToParseDateTime": parse_date_time,
    "getValueDescription": lambda args, _zone: shown(args[0]),
    "ensureType": ensure_type,
    "validateValueAgainstSchema": check_fields,
    "toCronExpression": lambda args, _zone: cron_of(args[0]),
    "parseContentType": content_type,
    "parseContentDisposition": content_disposition,
    "isExpression": is_expression,
}
