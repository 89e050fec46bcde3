"""Date & Time, version 2: luxon does the work, in the code child, one call for all items."""

import copy
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

import orjson
from pydantic import Field

from workflows_app.engine.errors import ParameterError, PumpFlixError, UserError
from workflows_app.engine.items import Item, Items, JsonObject, PairedItem
from workflows_app.engine.node_type import NodeRun, NodeType, Outputs, failed_item
from workflows_app.engine.params import Params, ui
from workflows_app.engine.ports import CodeCall
from workflows_app.engine.registry import register
from workflows_app.engine.workflow import Node
from workflows_app.toolkit import describe_steps
from workflows_app.toolkit.fields import AsGroup, AsList, Flag, Number, Text

TIMEOUT_S = 10.0
FIELD_NAMES = {
    "getCurrentDate": "currentDate", "addToDate": "newDate", "subtractFromDate": "newDate",
    "formatDate": "formattedDate", "roundDate": "roundedDate", "getTimeBetweenDates": "timeDifference",
    "extractDate": "datePart",
}  # fmt: skip
UNITS = ("year", "quarter", "month", "week", "day", "hour", "minute", "second", "millisecond")


class DateTimeOptions(Params):
    include_input_fields: Flag = Field(False, title="Keep other fields", description="Keep the fields that came in.")
    from_format: Text = Field("", title="Format of the date", description="Where it is not a usual one: dd.MM.yyyy.")
    timezone: Any = Field(
        "", title="Time zone", description="A zone, or for writing dates: whether to use the workflow's zone."
    )
    iso_string: Flag = Field(False, title="As text", description="Write a difference as ISO text, such as P3D.")


class DateTimeParams(Params):
    operation: Literal[
        "getCurrentDate", "addToDate", "subtractFromDate", "formatDate", "roundDate", "getTimeBetweenDates",
        "extractDate",
    ] = Field(
        "getCurrentDate", title="Do", description="What to do.",
        json_schema_extra=ui(
            labels=["Now", "Add", "Subtract", "Write", "Round", "Difference", "Take a part"]
        ),
    )  # fmt: skip
    include_time: Flag = Field(
        True, title="With the time", description="The moment, or the beginning of the day.",
        json_schema_extra=ui(visible_when={"operation": ["getCurrentDate"]}),
    )  # fmt: skip
    magnitude: Any = Field(
        "", title="Date", description="The date to add to or subtract from.",
        json_schema_extra=ui(visible_when={"operation": ["addToDate", "subtractFromDate"]}),
    )  # fmt: skip
    date: Any = Field(
        "", title="Date", description="A date, or seconds or milliseconds since 1970.",
        json_schema_extra=ui(visible_when={"operation": ["formatDate", "roundDate", "extractDate"]}),
    )  # fmt: skip
    start_date: Any = Field(
        "", title="From", description="Where the time begins.",
        json_schema_extra=ui(visible_when={"operation": ["getTimeBetweenDates"]}),
    )  # fmt: skip
    end_date: Any = Field(
        "", title="To", description="Where the time ends.",
        json_schema_extra=ui(visible_when={"operation": ["getTimeBetweenDates"]}),
    )  # fmt: skip
    time_unit: Text = Field(
        "days", title="Unit", description="Unit of the duration: years, months, weeks, days, hours, minutes, seconds.",
        json_schema_extra=ui(visible_when={"operation": ["addToDate", "subtractFromDate"]}),
    )  # fmt: skip
    duration: Number = Field(
        0, title="How many", description="Number of units.",
        json_schema_extra=ui(visible_when={"operation": ["addToDate", "subtractFromDate"]}),
    )  # fmt: skip
    format: Text = Field(
        "MM/dd/yyyy", title="Format", description="How the date is written: yyyy-MM-dd HH:mm, X for seconds, custom.",
        json_schema_extra=ui(visible_when={"operation": ["formatDate"]}),
    )  # fmt: skip
    custom_format: Text = Field(
        "", title="Format of your own", description="Used where the format is custom.",
        json_schema_extra=ui(visible_when={"operation": ["formatDate"]}),
    )  # fmt: skip
    mode: Literal["roundDown", "roundUp"] = Field(
        "roundDown", title="Round", description="To the beginning of the unit or of the next one.",
        json_schema_extra=ui(labels=["Down", "Up"], visible_when={"operation": ["roundDate"]}),
    )  # fmt: skip
    to_nearest: Text = Field(
        "month", title="Round down to", description="year, month, week, day, hour, minute or second.",
        json_schema_extra=ui(visible_when={"operation": ["roundDate"]}),
    )  # fmt: skip
    to: Text = Field(
        "month", title="Round up to", description="month, or another unit.",
        json_schema_extra=ui(visible_when={"operation": ["roundDate"]}),
    )  # fmt: skip
    units: Annotated[list[Text], AsList] = Field(
        default_factory=lambda: ["day"], title="Units", description="Units the difference is counted in.",
        json_schema_extra=ui(visible_when={"operation": ["getTimeBetweenDates"]}),
    )  # fmt: skip
    part: Text = Field(
        "month", title="Part", description="year, month, week, day, hour, minute or second.",
        json_schema_extra=ui(visible_when={"operation": ["extractDate"]}),
    )  # fmt: skip
    output_field_name: Text = Field("", title="Write to", description="Field that gets the result.")
    options: Annotated[DateTimeOptions, AsGroup] = Field(
        default_factory=lambda: DateTimeOptions.model_validate({}), title="Options", description="Finer points."
    )


@register
class DateTime(NodeType[DateTimeParams]):
    """Write, round, compute and compare dates."""

    name = "n8n-nodes-base.dateTime"
    label = "Date and time"
    group = "transform"
    icon = "n-date"
    versions = (2,)
    Params = DateTimeParams

    def describe(self, node: Node) -> str:
        return describe_steps.date_time(node)

    def execute(self, run: NodeRun[DateTimeParams]) -> Outputs:
        rows = [self.row(run, index) for index in range(len(run.items))]
        asked = [row for row in rows if not isinstance(row, PumpFlixError)]
        answers = iter(computed(run, asked) if asked else [])
        out: Items = []
        for index, (item, row) in enumerate(zip(run.items, rows, strict=True)):
            try:
                if isinstance(row, PumpFlixError):
                    raise row
                out.append(result(item, run.params_for(index), next(answers), index))
            except PumpFlixError as error:
                error.data.setdefault("itemIndex", index)
                if not run.continues_on_error:
                    raise
                out.append(failed_item(error, index))
        return [out]

    def row(self, run: NodeRun[DateTimeParams], index: int) -> JsonObject | PumpFlixError:
        """What the child is asked for one item, or what is wrong with its parameters."""
        try:
            return asked_row(run, run.params_for(index))
        except PumpFlixError as error:
            return error


def asked_row(run: NodeRun[DateTimeParams], params: DateTimeParams) -> JsonObject:
    operation, own_zone = params.operation, params.options.timezone
    named = own_zone if isinstance(own_zone, str) and own_zone not in ("", "default") else run.timezone
    row: JsonObject = {
        "operation": operation,
        "zone": named,
        "fromFormat": params.options.from_format,
        "keepsZone": operation == "formatDate" and not own_zone,
        "date": params.date,
        "unit": params.part,
    }
    if operation in ("addToDate", "subtractFromDate"):
        row |= {"date": params.magnitude, "unit": unit(params.time_unit), "duration": params.duration}
    elif operation == "formatDate":
        row["format"] = params.custom_format if params.format == "custom" else params.format
    elif operation == "roundDate":
        up = params.mode == "roundUp"
        row |= {"up": up, "unit": unit(params.to if up else params.to_nearest)}
    elif operation == "getTimeBetweenDates":
        units = [unit(name) for name in params.units] or ["day"]
        row |= {"date": params.start_date, "end": params.end_date, "units": units}
        row["isoString"] = params.options.iso_string
    else:
        row["includeTime"] = params.include_time
    return row


def unit(name: str) -> str:
    singular = name.strip().lower().removesuffix("s")
    if singular not in UNITS:
        raise ParameterError(f"There is no unit '{name[:20]}'.", hint=f"Choose one of {', '.join(UNITS)}.")
    return singular


@cache
def script() -> str:
    return Path(__file__).with_name("dates.js").read_text(encoding="utf-8")


def computed(run: NodeRun[DateTimeParams], rows: list[JsonObject]) -> list[JsonObject]:
    """One `{value}` or `{error}` per row."""
    header = {"kind": "code", "language": "javaScript", "mode": "runOnceForAllItems", "code": script(), "raw": True}
    scope = {"node": {"name": run.node.name, "parameters": {}}, "items": [{"json": row} for row in rows], "nodes": {}}
    answer = run.code(CodeCall(header, orjson.dumps(scope, default=str), TIMEOUT_S))
    if answer.get("error"):
        raise UserError(str(answer["error"].get("message") or "The dates could not be computed."), code="code_failed")
    return list(answer["output"])


def result(item: Item, params: DateTimeParams, answer: JsonObject, index: int) -> Item:
    if "error" in answer:
        raise ParameterError(
            str(answer["error"]), hint="Enter its format under Options, or use a form such as 2026-03-01T09:30:00."
        )
    json: JsonObject = copy.deepcopy(item.json) if params.options.include_input_fields else {}
    json[params.output_field_name or FIELD_NAMES[params.operation]] = answer.get("value")
    return Item(json, paired=(PairedItem(index),))
