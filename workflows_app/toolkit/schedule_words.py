"""Schedules in plain words: `every weekday at 8`, `every 15 minutes`, `on the first Monday of the month at 09:00`.

Read into the rule that Schedule Trigger stores, so that what is kept is n8n's own form. What is not understood is said,
never guessed."""

import re
from collections.abc import Sequence

from workflows_app.engine.items import JsonObject

DAYS = ("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")
MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
NUMBERS = {
    word: number
    for number, word in enumerate(
        ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"), 1
    )
} | {"a": 1, "an": 1, "other": 2, "second": 2, "fifteen": 15, "twenty": 20, "thirty": 30}
ORDINALS = ("first", "second", "third", "fourth", "fifth")
MACROS = {
    "@hourly": "every hour",
    "hourly": "every hour",
    "@daily": "every day",
    "@midnight": "every day",
    "daily": "every day",
    "@weekly": "every sunday",
    "weekly": "every sunday",
    "@monthly": "every month",
    "monthly": "every month",
    "@yearly": "every 1 january",
    "@annually": "every 1 january",
    "yearly": "every 1 january",
}
EXAMPLES = "'every weekday at 8', 'every 15 minutes', 'on the first Monday of the month at 09:00'"
TIME = re.compile(r"(\d{1,2})(?:[:.](\d{2}))? ?(am|pm|h|o'clock)?", re.ASCII)
EVERY = re.compile(r"(?:every|each) (?:(\w+) )?(second|minute|hour|day|week|month)s?(?: (.*))?", re.ASCII)
NTH = re.compile(r"(?:on )?the (\w+) (\w+) (?:of|in) (?:the|every|each) month", re.ASCII)
DATES = re.compile(r"(?:on )?(?:the |day )(.+?)(?: day)? (?:of|in) (?:the|every|each) month", re.ASCII)
BETWEEN = re.compile(r"(?:between|from) (.+?) (?:and|to|until|till) (.+?)(?: (?:on )?(\D+))?", re.ASCII)
PAST = re.compile(r"(?:every|each) hour (?:at )?(?:minute |:)?(\d{1,2})(?: (?:minutes? )?past)?", re.ASCII)
YEARLY = re.compile(r"(?:every year )?(?:on )?(?:every )?(?:the )?(\w+) (?:of )?(\w+)(?: every year)?", re.ASCII)


class NotUnderstood(ValueError):
    """The text says which part."""


def entry_of(text: str) -> JsonObject:
    """The rule that the words name. Raises NotUnderstood."""
    said = re.sub(r"\s+", " ", text.strip().lower().rstrip(".")).replace(", and ", ", ")
    first, _, rest = said.partition(" ")
    said = f"{MACROS[first]} {rest}".strip() if first in MACROS else said
    past = PAST.fullmatch(said)
    if past is not None:
        return {"field": "hours", "hoursInterval": 1, "triggerAtMinute": within(past[1], 59, "minute")}
    days, at, times = said.rpartition(" at ")
    if not at:
        days, times = said, ""
    found = EVERY.fullmatch(days)
    if found is not None and found[2] in ("second", "minute", "hour"):
        return flowing(found, times)
    return on_days(days, found, *clock(times))


def flowing(found: "re.Match[str]", times: str) -> JsonObject:
    """Every so many seconds, minutes or hours, perhaps between two hours and on some days."""
    count, unit = number(found[1]), found[2]
    if times:
        raise NotUnderstood(f"'at {times}' does not go with every {unit}")
    if not found[3]:
        return {"field": f"{unit}s", f"{unit}sInterval": count}
    between = BETWEEN.fullmatch(found[3])
    begin, end, days = (between[1], between[2], between[3]) if between else ("0", "23", found[3].removeprefix("on "))
    (first, minute), (last, _) = one_time(begin), one_time(end)
    if unit == "second" or (minute and unit == "minute") or last < first:
        raise NotUnderstood(f"'{found[3]}' does not go with every {count} {unit}s")
    hours = f"{first}-{last}" if between else "*"
    step = f"/{count}" if count > 1 else ""
    minutes, hours = (f"*{step}", hours) if unit == "minute" else (str(minute), f"{hours}{step}")
    return cron(f"{minutes} {hours} * * {weekdays(days) if days else '*'}")


def on_days(days: str, found: "re.Match[str] | None", hours: str, minute: int) -> JsonObject:
    """`days` without its time, `found` where it says every so many days, weeks or months."""
    if found is not None:
        return recurring(number(found[1]), found[2], found[3] or "", hours, minute)
    nth = NTH.fullmatch(days)
    if nth is not None:
        return cron(f"{minute} {hours} {nth_day(nth[1], nth[2])}")
    dates = DATES.fullmatch(days)
    if dates is not None:
        return cron(f"{minute} {hours} {listed(dates[1])} * *")
    year = YEARLY.fullmatch(days)
    if year is not None and (year[1] in MONTHS or year[2] in MONTHS):
        day, month = (year[2], year[1]) if year[1] in MONTHS else (year[1], year[2])
        return cron(f"{minute} {hours} {ordinal(day)} {MONTHS.index(month) + 1} *")
    return cron(f"{minute} {hours} * * {weekdays(re.sub('^(every|each|on) ', '', days))}")


def recurring(count: int, unit: str, rest: str, hours: str, minute: int) -> JsonObject:
    hour = single(hours) if count > 1 or unit != "day" else 0
    at = {"triggerAtHour": hour, "triggerAtMinute": minute}
    if unit == "day":
        if rest:
            raise NotUnderstood(f"'{rest}' after every day")
        return cron(f"{minute} {hours} * * *") if count == 1 else {"field": "days", "daysInterval": count, **at}
    if unit == "week":
        chosen = weekdays(rest.removeprefix("on ")) if rest else "0"
        return {"field": "weeks", "weeksInterval": count, "triggerAtDay": each(chosen), **at}
    nth = NTH.fullmatch(f"{rest} of the month".replace("of the month of the month", "of the month"))
    if count == 1 and nth is not None and nth[2] != "day":
        return cron(f"{minute} {hours} {nth_day(nth[1], nth[2])}")
    day = ordinal(re.sub("^(on )?(the |day )?", "", rest)) if rest else 1
    return {"field": "months", "monthsInterval": count, "triggerAtDayOfMonth": day, **at}


def nth_day(nth: str, day: str) -> str:
    """Day of the month, month and weekday of a cron expression."""
    if nth == "last":
        last = {"day": "L * *", "weekday": "LW * *"}.get(day)
        return last or f"* * {weekday(day)}L"
    if day == "day":
        return f"{ordinal(nth)} * *"
    place = ORDINALS.index(nth) + 1 if nth in ORDINALS else ordinal(nth)
    if not 1 <= place <= 5:
        raise NotUnderstood(f"no month has a {nth} {day}")
    return f"* * {weekday(day)}#{place}"


# parts ----------------------------------------------------------------------------------------------------------------
def cron(expression: str) -> JsonObject:
    return {"field": "cronExpression", "expression": expression}


def number(text: str | None) -> int:
    if text is None or text in NUMBERS:
        return NUMBERS[text or "a"]
    if not text.isdigit() or not 1 <= int(text) <= 9999:
        raise NotUnderstood(f"'{text}' is no number of units")
    return int(text)


def clock(times: str) -> tuple[str, int]:
    """Hours as cron writes them, and the minute they share; midnight where no time is named."""
    if not times:
        return "0", 0
    found = [one_time(part) for part in re.split(r", | and |,", times)]
    if len({minute for _, minute in found}) > 1:
        raise NotUnderstood("times with different minutes; enter a rule for each")
    return ",".join(str(hour) for hour in sorted({hour for hour, _ in found})), found[0][1]


def one_time(text: str) -> tuple[int, int]:
    text = {"noon": "12", "midnight": "0", "midday": "12"}.get(text.strip(), text.strip())
    found = TIME.fullmatch(text)
    if found is None:
        raise NotUnderstood(f"'{text[:40]}' is no time of day")
    hour, minute, half = int(found[1]), int(found[2] or 0), found[3]
    if half in ("am", "pm"):
        if not 1 <= hour <= 12:
            raise NotUnderstood(f"'{text}' is no time of day")
        hour = hour % 12 + (12 if half == "pm" else 0)
    if hour > 23 or minute > 59:
        raise NotUnderstood(f"'{text}' is no time of day")
    return hour, minute


def weekdays(text: str) -> str:
    """Weekdays as cron writes them."""
    text = text.strip()
    if re.sub("s$", "", text) in ("weekday", "workday", "working day"):
        return "1-5"
    if re.sub("s$", "", text) == "weekend":
        return "0,6"
    span = re.fullmatch(r"(\w+)(?: to |-| through )(\w+)", text)
    if span is not None:
        first, last = weekday(span[1]), weekday(span[2])
        days = [(first + step) % 7 for step in range((last - first) % 7 + 1)]
        return f"{first}-{last}" if first < last else ",".join(str(day) for day in sorted(days))
    return ",".join(str(day) for day in sorted({weekday(part) for part in re.split(r", | and |,", text)}))


def weekday(text: str) -> int:
    name = text.strip().rstrip(".")
    name = name.removesuffix("s") if name.endswith("days") else name
    for place, day in enumerate(DAYS):
        if name == day or (len(name) in (3, 4) and day.startswith(name)):
            return place
    raise NotUnderstood(f"'{text[:40]}' is no day of the week")


def each(days: str) -> Sequence[int]:
    if "-" in days:
        first, last = days.split("-")
        return list(range(int(first), int(last) + 1))
    return [int(day) for day in days.split(",")]


def listed(text: str) -> str:
    return ",".join(str(ordinal(part)) for part in re.split(r", | and (?:the )?|,", text))


def ordinal(text: str) -> int:
    """A day of the month: `15th`, `first`, `day 3`."""
    text = text.strip()
    if text in ORDINALS:
        return ORDINALS.index(text) + 1
    found = re.fullmatch(r"(\d{1,2})(?:st|nd|rd|th)?\.?", text)
    if found is None:
        raise NotUnderstood(f"'{text[:40]}' is no day of the month")
    return within(found[1], 31, "day of the month", least=1)


def within(text: str, most: int, name: str, least: int = 0) -> int:
    if not least <= int(text) <= most:
        raise NotUnderstood(f"{text} is no {name}")
    return int(text)


def single(hours: str) -> int:
    if "," in hours:
        raise NotUnderstood("more than one time; enter a rule for each")
    return int(hours)
