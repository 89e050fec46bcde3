"""Parameters of a calendar event, and the file that is made of them."""

import uuid
from datetime import datetime, tzinfo
from typing import Annotated, Any, Protocol

from pydantic import Field

from workflows_app.engine.errors import ParameterError
from workflows_app.engine.items import Binary
from workflows_app.engine.node_type import NodeRun
from workflows_app.engine.params import Params
from workflows_app.toolkit.calendar_text import Event, Person, write_calendar
from workflows_app.toolkit.compare import to_text
from workflows_app.toolkit.dates import parse_date, zone_of
from workflows_app.toolkit.fields import AsGroup, AsList, Flag, Text


class ICalAttendee(Params):
    name: Text = Field("", title="Name", description="Name of the person.")
    email: Text = Field("", title="Email", description="Address of the person.")
    rsvp: Flag = Field(False, title="Answer wanted", description="Ask the person whether they come.")


class ICalAttendees(Params):
    attendee_values: Annotated[list[ICalAttendee], AsList] = Field(
        default_factory=list, title="Attendees", description="One person per row."
    )


class ICalOrganizer(Params):
    name: Text = Field("", title="Name", description="Name of the organizer.")
    email: Text = Field("", title="Email", description="Address of the organizer.")


class ICalOrganizers(Params):
    organizer_values: Annotated[ICalOrganizer, AsGroup] = Field(
        default_factory=lambda: ICalOrganizer.model_validate({}), title="Organizer", description="Who invites."
    )


class ICalPlace(Params):
    lat: Text = Field("", title="Latitude", description="In degrees.")
    lon: Text = Field("", title="Longitude", description="In degrees.")


class ICalPlaces(Params):
    geolocation_values: Annotated[ICalPlace, AsGroup] = Field(
        default_factory=lambda: ICalPlace.model_validate({}), title="Place", description="Where it is."
    )


class ICalFields(Params):
    attendees_ui: Annotated[ICalAttendees, AsGroup] = Field(
        default_factory=lambda: ICalAttendees.model_validate({}), title="Attendees", description="Who is invited."
    )
    organizer_ui: Annotated[ICalOrganizers, AsGroup] = Field(
        default_factory=lambda: ICalOrganizers.model_validate({}), title="Organizer", description="Who invites."
    )
    geolocation_ui: Annotated[ICalPlaces, AsGroup] = Field(
        default_factory=lambda: ICalPlaces.model_validate({}), title="Place", description="Where it is, on a map."
    )
    busy_status: Text = Field("", title="Busy status", description="BUSY, FREE, TENTATIVE or OOF.")
    cal_name: Text = Field("", title="Calendar name", description="Name of the calendar.")
    description: Text = Field("", title="Description", description="What the event is about.")
    file_name: Text = Field("event.ics", title="File name", description="Name of the file.")
    location: Text = Field("", title="Location", description="Where it is, in words.")
    recurrence_rule: Text = Field("", title="Recurrence", description="Rule such as FREQ=DAILY;COUNT=3.")
    status: Text = Field("CONFIRMED", title="Status", description="CONFIRMED, CANCELLED or TENTATIVE.")
    uid: Text = Field("", title="UID", description="Unique id of the event; made from run and item if empty.")
    url: Text = Field("", title="URL", description="Address of a page about the event.")


class EventParams(Protocol):
    @property
    def title(self) -> str: ...
    @property
    def start(self) -> Any: ...
    @property
    def end(self) -> Any: ...
    @property
    def all_day(self) -> bool: ...
    @property
    def additional_fields(self) -> ICalFields: ...


def event_file(run: NodeRun[Any], params: EventParams, index: int) -> Binary:
    """A calendar file with the event of one item. Raises ParameterError for a date that is none."""
    more = params.additional_fields
    data = write_calendar([event_of(run, params, index)], now=run.now(), name=more.cal_name)
    return run.put_file(data, mime_type="text/calendar", file_name=more.file_name or "event.ics")


def event_of(run: NodeRun[Any], params: EventParams, index: int) -> Event:
    more = params.additional_fields
    zone = zone_of(run.workflow)
    who = more.organizer_ui.organizer_values
    place = more.geolocation_ui.geolocation_values
    # The same turn of the same run makes the same event, also when it is repeated after a crash.
    uid = uuid.uuid5(uuid.NAMESPACE_URL, f"{run.execution_id}/{run.node.name}/{run.run_index}/{index}")
    return Event(
        uid=more.uid or str(uid),
        start=moment(params.start, "start", zone),
        end=moment(params.end, "end", zone),
        is_all_day=params.all_day,
        title=params.title,
        description=more.description,
        location=more.location,
        url=more.url,
        status=more.status if "status" in more.model_fields_set else "",
        busy=more.busy_status,
        recurrence=more.recurrence_rule,
        latitude=place.lat,
        longitude=place.lon,
        organizer=Person(who.name, who.email) if who.email else None,
        attendees=tuple(Person(row.name, row.email, row.rsvp) for row in more.attendees_ui.attendee_values),
    )


def moment(value: Any, name: str, zone: tzinfo) -> datetime:
    found = parse_date(value, zone)
    if found is None:
        raise ParameterError(
            f"'{to_text(value)[:40]}' is not a date for the {name}.", hint="Use ISO 8601, such as 2026-03-01T09:30."
        )
    return found
