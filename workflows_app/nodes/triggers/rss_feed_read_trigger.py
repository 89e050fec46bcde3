"""RSS Feed Trigger: start with the new entries of a feed."""

import hashlib
from typing import Annotated, Literal

import orjson
from pydantic import Field

from workflows_app.engine.errors import ParameterError
from workflows_app.engine.items import Item, JsonObject
from workflows_app.engine.node_type import NodeRun, NodeType, Outputs, Polled
from workflows_app.engine.params import Params, ui
from workflows_app.engine.registry import register
from workflows_app.toolkit.feed_request import feed_entries
from workflows_app.toolkit.fields import AsGroup, AsList, Text, Whole
from workflows_app.toolkit.foreign_files import foreign_files

MOST_KNOWN = 2_000
"""Entries remembered beside those the feed still lists: one that is taken out and put back is not new."""


class PollTime(Params):
    mode: Literal["everyMinute", "everyHour", "everyDay", "everyWeek", "everyMonth", "everyX", "custom"] = Field(
        "everyDay",
        title="How often",
        description="When the feed is looked at.",
        json_schema_extra=ui(
            labels=["Every minute", "Every hour", "Every day", "Every week", "Every month", "Every so often", "Cron"]
        ),
    )
    hour: Whole = Field(14, ge=0, le=23, title="Hour", description="Hour of the day.")
    minute: Whole = Field(0, ge=0, le=59, title="Minute", description="Minute of the hour.")
    weekday: Text = Field("1", title="Weekday", description="Day of the week, 0 is Sunday.")
    day_of_month: Whole = Field(1, ge=1, le=31, title="Day", description="Day of the month.")
    value: Whole = Field(2, ge=1, title="Every", description="Minutes or hours between two looks.")
    unit: Literal["minutes", "hours"] = Field(
        "hours", title="Unit", description="Of the number above.", json_schema_extra=ui(labels=["Minutes", "Hours"])
    )
    cron_expression: Text = Field(
        "", title="Cron expression", description="Minute, hour, day of month, month, weekday; seconds may come first."
    )


class PollTimes(Params):
    item: Annotated[list[PollTime], AsList] = Field(
        default_factory=lambda: [PollTime.model_validate({"mode": "everyMinute"})],
        title="Times",
        description="One rule per row.",
    )


class RssFeedReadTriggerParams(Params):
    poll_times: Annotated[PollTimes, AsGroup] = Field(
        default_factory=lambda: PollTimes.model_validate({}),
        title="Look",
        description="When the feed is looked at for new entries.",
    )
    feed_url: Text = Field(
        "",
        title="Feed URL",
        description="Address of the feed.",
        json_schema_extra=ui(placeholder="https://example.com/feed"),
    )


Run = NodeRun[RssFeedReadTriggerParams]


@register
class RssFeedReadTrigger(NodeType[RssFeedReadTriggerParams]):
    """Start with the new entries of an RSS or Atom feed, an item each. Run by hand, it takes the newest one."""

    name = "n8n-nodes-base.rssFeedReadTrigger"
    label = "RSS trigger"
    group = "trigger"
    icon = "n-feed"
    silhouette = "trigger"
    inputs = ()
    trigger = True
    side_effects = "read"
    Params = RssFeedReadTriggerParams

    def execute(self, run: Run) -> Outputs:
        if any(item.json for item in run.items):
            return [run.items]
        return [[Item(json=entry) for entry in entries(run)[:1]]]

    def poll(self, run: Run, state: JsonObject) -> Polled:
        """Entries that no look before this one saw, in the order of the feed. An entry is told by its id, its link or
        all that it says, not by its date, which many feeds do not have."""
        found = {identity(entry): entry for entry in reversed(entries(run))}
        known: list[str] = state.get("known", [])
        new = set(found) - set(known) if "known" in state else set()
        listed = list(found)
        older = [one for one in known if one not in found]
        items = [Item(json=found[one]) for one in reversed(listed) if one in new]
        return Polled(items, {"known": [*older[-MOST_KNOWN:], *listed]})


def entries(run: Run) -> list[JsonObject]:
    url = run.params.feed_url.strip()
    if not url:
        raise ParameterError("The feed has no address.", hint="Enter the URL of an RSS or Atom feed.")
    with foreign_files(run, "feed") as reader:
        return feed_entries(run, reader, url)


def identity(entry: JsonObject) -> str:
    name = entry.get("guid") or entry.get("id") or entry.get("rdf:about") or entry.get("link")
    told = str(name).encode("utf-8", "replace") if name else orjson.dumps(entry, option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(told).hexdigest()[:20]
