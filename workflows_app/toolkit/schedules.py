"""When a schedule fires: the rules of trigger nodes as cron expressions, and the item a tick puts out."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from workflows_app.engine.items import JsonObject
from workflows_app.toolkit.compare import is_nan, to_number
from workflows_app.toolkit.moment_format import format_moment

Unit = Literal["seconds", "minutes", "hours", "days", "weeks", "months", ""]
SECONDS = {"seconds": 1, "minutes": 60, "hours": 3600, "days": 86_400, "weeks": 604_800}


@dataclass(frozen=True, slots=True)
class Tick:
    """One rule. `cron` has six fields, seconds first. Of the moments it names only every `every`-th `unit` counts:
    a cron expression cannot say "every second week"."""

    cron: str
    every: int = 1
    unit: Unit = ""


def number_in(rule: JsonObject, key: str, default: int) -> int:
    value = to_number(rule.get(key, default))
    return default if is_nan(value) or abs(value) >= 1e9 else int(value)


def tick_of(rule: JsonObject, second: int = 0) -> Tick:
    """A rule of Schedule Trigger. `second` spreads the load of rules that do not name one."""
    kind = str(rule.get("field") or "days")
    if kind == "cronExpression":
        return Tick(str(rule.get("expression") or "").strip())
    minute, hour = number_in(rule, "triggerAtMinute", 0), number_in(rule, "triggerAtHour", 0)
    every = max(number_in(rule, f"{kind}Interval", 30 if kind == "seconds" else 5 if kind == "minutes" else 1), 1)
    days = ",".join(str(day) for day in rule.get("triggerAtDay") or []) or ("0" if kind == "weeks" else "*")
    month_day = number_in(rule, "triggerAtDayOfMonth", 1)
    cron = {
        "seconds": f"*/{every} * * * * *",
        "minutes": f"{second} */{every} * * * *",
        "hours": f"{second} {minute} */{every} * * *",
        "weeks": f"{second} {minute} {hour} * * {days}",
        "months": f"{second} {minute} {hour} {month_day} */{every} *",
    }.get(kind, f"{second} {minute} {hour} * * *")
    return Tick(cron, every, kind) if kind in ("days", "weeks") and every > 1 else Tick(cron)  # type: ignore[arg-type]


def cron_of(rule: JsonObject, second: int = 0) -> str:
    """A rule in the older form, of Cron and of the polling triggers: `{mode, hour, minute, ...}`."""
    mode = str(rule.get("mode") or "everyDay")
    if mode == "custom":
        return str(rule.get("cronExpression") or "").strip()
    minute, hour = number_in(rule, "minute", 0), number_in(rule, "hour", 14)
    value = max(number_in(rule, "value", 2), 1)
    if mode == "everyX":
        return f"{second} */{value} * * * *" if rule.get("unit") == "minutes" else f"{second} 0 */{value} * * *"
    return {
        "everyMinute": f"{second} * * * * *",
        "everyHour": f"{second} {minute} * * * *",
        "everyWeek": f"{second} {minute} {hour} * * {rule.get('weekday', 1)}",
        "everyMonth": f"{second} {minute} {hour} {number_in(rule, 'dayOfMonth', 1)} * *",
    }.get(mode, f"{second} {minute} {hour} * * *")


def seconds_of(amount: Any, unit: str) -> float:
    """A length of time in seconds; a month is not one."""
    return float(to_number(amount)) * SECONDS.get(unit, 1)


def tick_item(moment: datetime, zone_name: str) -> JsonObject:
    """What a schedule puts out: the moment, in the words n8n workflows read (`$json.Hour`)."""
    iso = moment.isoformat(timespec="milliseconds")
    return {
        "timestamp": iso,
        "Readable date": format_moment(moment, "MMMM Do YYYY, h:mm:ss a"),
        "Readable time": format_moment(moment, "h:mm:ss a"),
        "Day of week": format_moment(moment, "dddd"),
        "Year": format_moment(moment, "YYYY"),
        "Month": format_moment(moment, "MMMM"),
        "Day of month": format_moment(moment, "DD"),
        "Hour": format_moment(moment, "HH"),
        "Minute": format_moment(moment, "mm"),
        "Second": format_moment(moment, "ss"),
        "Timezone": f"{zone_name} (UTC{format_moment(moment, 'Z')})",
    }
