"""Date & Time, version 1: formats in the letters of that time (`YYYY-MM-DD`), sums in UTC."""

import copy
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal

from pydantic import Field

from workflows_app.engine.errors import ParameterError
from workflows_app.engine.items import Item
from workflows_app.engine.node_type import NodeRun, NodeType, Outputs
from workflows_app.engine.params import Params, ui
from workflows_app.engine.registry import register
from workflows_app.engine.workflow import Node
from workflows_app.toolkit import describe_steps
from workflows_app.toolkit.clock import zone
from workflows_app.toolkit.compare import iso_text, to_number, to_text
from workflows_app.toolkit.dates import from_epoch, parse_date, parse_iso, zone_named
from workflows_app.toolkit.fields import AsGroup, Number, Text
from workflows_app.toolkit.moment_format import format_moment
from workflows_app.toolkit.moment_parse import parse_moment

MONTHS_IN = {"months": 1, "quarters": 3, "years": 12}
LENGTHS = {
    "milliseconds": timedelta(milliseconds=1), "seconds": timedelta(seconds=1), "minutes": timedelta(minutes=1),
    "hours": timedelta(hours=1), "days": timedelta(days=1), "weeks": timedelta(weeks=1),
}  # fmt: skip
FIRST_MS_DIGITS = 12


class DateTimeOneOptions(Params):
    from_format: Text = Field("", title="Format of the date", description="Where it is not a usual one: DD.MM.YYYY.")
    from_timezone: Text = Field("", title="Zone of the date", description="Zone of a date that names none.")
    to_timezone: Text = Field("", title="Zone of the result", description="Zone the result is written in.")


class DateTimeOneParams(Params):
    action: Literal["format", "calculate"] = Field(
        "format",
        title="Do",
        description="Write a date in another form, or add to it.",
        json_schema_extra=ui(labels=["Write", "Add or subtract"]),
    )
    value: Any = Field("", title="Date", description="The date: a text, or seconds or milliseconds since 1970.")
    data_property_name: Text = Field("data", title="Write to", description="Field that gets the result.")
    custom: Any = Field(False, title="Format of your own", description="Enter the format as text.")
    to_format: Text = Field(
        "MM/DD/YYYY",
        title="Format",
        description="How the date is written: YYYY-MM-DD HH:mm, X for seconds since 1970.",
        json_schema_extra=ui(visible_when={"action": ["format"]}),
    )
    operation: Literal["add", "subtract"] = Field(
        "add",
        title="Operation",
        description="Add to the date or subtract from it.",
        json_schema_extra=ui(labels=["Add", "Subtract"], visible_when={"action": ["calculate"]}),
    )
    duration: Number = Field(
        0,
        title="How many",
        description="Number of units.",
        json_schema_extra=ui(visible_when={"action": ["calculate"]}),
    )
    time_unit: Literal[
        "quarters", "years", "months", "weeks", "days", "hours", "minutes", "seconds", "milliseconds"
    ] = Field(
        "days", title="Unit", description="Unit of the duration.",
        json_schema_extra=ui(visible_when={"action": ["calculate"]}),
    )  # fmt: skip
    options: Annotated[DateTimeOneOptions, AsGroup] = Field(
        default_factory=lambda: DateTimeOneOptions.model_validate({}), title="Options", description="Finer points."
    )


@register
class DateTimeOne(NodeType[DateTimeOneParams]):
    """Write dates in another form or add to them (version 1)."""

    name = "n8n-nodes-base.dateTime"
    label = "Date and time"
    group = "transform"
    icon = "n-date"
    versions = (1,)
    Params = DateTimeOneParams

    def describe(self, node: Node) -> str:
        return describe_steps.date_time(node)

    def execute(self, run: NodeRun[DateTimeOneParams]) -> Outputs:
        def work(item: Item, params: DateTimeOneParams, _: int) -> Item:
            json = copy.deepcopy(item.json)
            made = formatted(run, params) if params.action == "format" else computed(params)
            json[params.data_property_name] = made
            return Item(json, dict(item.binary))

        return [run.map(work)]


def formatted(run: NodeRun[DateTimeOneParams], params: DateTimeOneParams) -> str:
    options = params.options
    moment = from_number(params.value)
    if moment is None:
        has_zone = options.from_timezone or options.to_timezone
        source = (zone_named(options.from_timezone) if options.from_timezone else zone(run)) if has_zone else UTC
        moment = read(params.value, options.from_format, source)
    if options.to_timezone or options.from_timezone:
        moment = moment.astimezone(zone_named(options.to_timezone) if options.to_timezone else zone(run))
    else:
        moment = moment.astimezone(UTC)
    return format_moment(moment, params.to_format or "YYYY-MM-DDTHH:mm:ssZ")


def from_number(value: Any) -> datetime | None:
    """Seconds or milliseconds since 1970: a number of fewer than 12 digits counts seconds."""
    if value is None or isinstance(value, bool) or (isinstance(value, str) and not value.strip()):
        return None
    number = to_number(value)
    if number != number:  # noqa: PLR0124  NaN
        return None
    whole = number == int(number)
    if not whole:
        return from_epoch(number * 1000)
    return from_epoch(number, unit="s" if len(str(abs(int(number)))) < FIRST_MS_DIGITS else "ms")


def read(value: Any, pattern: str, source: Any) -> datetime:
    """ISO texts count in the zone given, others as they would in UTC, both unless they name a zone of their own."""
    text = to_text(value).strip()
    if pattern:
        moment = parse_moment(text, pattern, source)
    else:
        moment = (parse_iso(text, source) if text else None) or parse_date(text, UTC)
    if moment is None:
        raise ParameterError(
            f"'{text[:60]}' is not a date.", hint="Enter its format under Options, or use a form such as 2026-03-01."
        )
    return moment


def computed(params: DateTimeOneParams) -> str:
    is_text = isinstance(params.value, str)
    moment = from_number(params.value) if not params.options.from_format and not is_text else None
    if is_text and not params.options.from_format and params.value.strip().isdigit():
        raise ParameterError(
            f"'{params.value[:60]}' is not a date.", hint="Enter its format under Options: X for seconds since 1970."
        )
    moment = (moment or read(params.value, params.options.from_format, UTC)).astimezone(UTC)
    amount = params.duration if params.operation == "add" else -params.duration
    try:
        return iso_text(shifted(moment, amount, params.time_unit))
    except OverflowError:
        raise ParameterError("The result is no date.", hint="Add less.") from None


def shifted(moment: datetime, amount: float, unit: str) -> datetime:
    """Months keep the day where there is one, else take the last of the month."""
    if unit not in MONTHS_IN:
        return moment + LENGTHS[unit] * amount
    months = moment.year * 12 + moment.month - 1 + round(amount * MONTHS_IN[unit])
    year, month = divmod(months, 12)
    if not 1 <= year <= 9999:
        raise OverflowError
    for day in range(moment.day, 27, -1):
        try:
            return moment.replace(year=year, month=month + 1, day=day)
        except ValueError:
            continue
    return moment.replace(year=year, month=month + 1)
