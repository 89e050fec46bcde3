"""Debug Helper: made-up data and errors on purpose, for building and testing workflows."""

import random
import string
import uuid
from collections.abc import Callable
from typing import Literal

from pydantic import Field

from workflows_app.engine.errors import NodeFailed, ParameterError, PumpFlixError, RemoteError, UserError
from workflows_app.engine.items import Item, Items, JsonObject
from workflows_app.engine.node_type import NodeRun, NodeType, Outputs
from workflows_app.engine.params import Params, ui
from workflows_app.engine.registry import register
from workflows_app.toolkit.fields import Text, Whole

MAX_COUNT = 10_000
MAX_ITEMS = 100_000
FIRST = ("Ada", "Bela", "Chiara", "Dana", "Emil", "Farah", "Goran", "Hana", "Ivo", "Juna", "Kofi", "Lena", "Mira")
LAST = ("Abel", "Brandt", "Costa", "Dahl", "Engel", "Fontana", "Gruber", "Haas", "Ito", "Jansen", "Keller", "Lind")
STREETS = ("Mill Lane", "Station Road", "Harbour Street", "Oak Avenue", "Market Square", "River Walk")
CITIES = (("Lisbon", "Portugal"), ("Graz", "Austria"), ("Turku", "Finland"), ("Ghent", "Belgium"), ("Bari", "Italy"))
HEX = "0123456789abcdef"
SAFE = string.ascii_letters + string.digits + "_-"
Make = Callable[[random.Random], JsonObject]


class DebugHelperParams(Params):
    category: Literal["doNothing", "throwError", "outOfMemory", "randomData"] = Field(
        "throwError",
        title="Do",
        description="What the node does.",
        json_schema_extra=ui(labels=["Nothing", "Fail", "Use up memory", "Make up data"]),
    )
    throw_error_type: Literal["NodeApiError", "NodeOperationError", "Error"] = Field(
        "NodeApiError",
        title="Error",
        description="Which kind of error: of another service, of the node, or any other.",
        json_schema_extra=ui(
            labels=["Of a service", "Of the node", "Any other"], visible_when={"category": ["throwError"]}
        ),
    )
    throw_error_message: Text = Field(
        "Node has thrown an error",
        title="Message",
        description="What the error says.",
        json_schema_extra=ui(visible_when={"category": ["throwError"]}),
    )
    memory_size_value: Whole = Field(1, title="Megabytes", description="Not used: runs are limited here.")
    random_data_type: Literal[
        "address", "coordinates", "creditCard", "email", "ipv4", "ipv6", "macAddress", "nanoid", "url", "user", "uuid",
        "semver",
    ] = Field(
        "user", title="Data", description="What is made up.",
        json_schema_extra=ui(
            labels=["Addresses", "Coordinates", "Card numbers", "E-mail addresses", "IPv4 addresses", "IPv6 addresses",
                    "MAC addresses", "Nano IDs", "Web addresses", "People", "UUIDs", "Versions"],
            visible_when={"category": ["randomData"]},
        ),
    )  # fmt: skip
    nanoid_alphabet: Text = Field(SAFE, title="Letters", description="Letters an id is made of.")
    nanoid_length: Text = Field("16", title="Length", description="Length of an id.")
    random_data_seed: Text = Field("", title="Seed", description="The same seed gives the same data.")
    random_data_count: Whole = Field(
        10, ge=0, le=MAX_COUNT, title="Items", description="How many items are made for each item that comes in."
    )


@register
class DebugHelper(NodeType[DebugHelperParams]):
    """Make up data, or fail on purpose."""

    name = "n8n-nodes-base.debugHelper"
    label = "Debug helper"
    group = "flow"
    icon = "n-error"
    Params = DebugHelperParams

    def execute(self, run: NodeRun[DebugHelperParams]) -> Outputs:
        """Without a seed the data follow from the run, so that a repeat after a crash gives the same."""
        if run.params.category == "doNothing":
            return [[]]
        if run.params.category == "randomData" and run.params.random_data_count * len(run.items) > MAX_ITEMS:
            raise ParameterError(f"That would make more than {MAX_ITEMS} items.", hint="Make fewer for each item.")
        own_seed = f"{run.execution_id}/{run.node.name}/{run.run_index}"

        def work(_: object, params: DebugHelperParams, index: int) -> Items:
            if params.category == "throwError":
                raise chosen_error(params)
            if params.category == "outOfMemory":
                raise UserError(
                    "Memory cannot be used up here.", code="operation_not_supported", hint="Every run is limited."
                )
            return made_up(params, params.random_data_seed or f"{own_seed}/{index}")

        return [run.map(work)]


def chosen_error(params: DebugHelperParams) -> PumpFlixError:
    if params.throw_error_type == "NodeApiError":
        return RemoteError(params.throw_error_message, permanent=True)
    return NodeFailed(params.throw_error_message)


def made_up(params: DebugHelperParams, seed: str) -> Items:
    luck = random.Random(seed)  # noqa: S311  data for trying things out, no secrets
    if params.random_data_type == "nanoid":
        length = params.nanoid_length
        if not length.isdecimal() or not 0 < int(length) <= 1000 or not params.nanoid_alphabet:
            raise ParameterError("An id needs letters and a length from 1 to 1000.", hint="Correct both fields.")
        return [
            Item({"nanoId": picked(luck, params.nanoid_alphabet, int(length))}) for _ in range(params.random_data_count)
        ]
    make = MAKERS[params.random_data_type]
    return [Item(make(luck)) for _ in range(params.random_data_count)]


def picked(luck: random.Random, letters: str, length: int) -> str:
    return "".join(luck.choice(letters) for _ in range(length))


def address(luck: random.Random) -> JsonObject:
    city, country = luck.choice(CITIES)
    return {
        "firstname": luck.choice(FIRST),
        "lastname": luck.choice(LAST),
        "street": f"{luck.randint(1, 199)} {luck.choice(STREETS)}",
        "city": city,
        "zip": picked(luck, string.digits, 5),
        "country": country,
    }


def coordinates(luck: random.Random) -> JsonObject:
    return {"latitude": round(luck.uniform(-90, 90), 6), "longitude": round(luck.uniform(-180, 180), 6)}


def credit_card(luck: random.Random) -> JsonObject:
    """A number that no bank gives out: it fails the check every shop makes."""
    return {
        "type": luck.choice(("Example Card", "Sample Card")),
        "number": "0000 " + " ".join(picked(luck, string.digits, 4) for _ in range(3)),
        "ccv": picked(luck, string.digits, 3),
        "exp": f"{luck.randint(1, 12):02d}/{luck.randint(30, 39)}",
        "holder_name": f"{luck.choice(FIRST)} {luck.choice(LAST)}",
    }


def email(luck: random.Random) -> str:
    return f"{luck.choice(FIRST)}.{luck.choice(LAST)}{luck.randint(1, 99)}@example.com".lower()


def user(luck: random.Random) -> JsonObject:
    return {
        "uid": random_uuid(luck),
        "email": email(luck),
        "firstname": luck.choice(FIRST),
        "lastname": luck.choice(LAST),
        "password": picked(luck, SAFE, 12),
    }


def random_uuid(luck: random.Random) -> str:
    return str(uuid.UUID(int=luck.getrandbits(128), version=4))


MAKERS: dict[str, Make] = {
    "address": address,
    "coordinates": coordinates,
    "creditCard": credit_card,
    "email": lambda luck: {"email": email(luck), "confirmed": luck.random() < 0.5},
    "ipv4": lambda luck: {"ip": ".".join(str(luck.randint(1, 254)) for _ in range(4))},
    "ipv6": lambda luck: {"ipv6": ":".join(picked(luck, HEX, 4) for _ in range(8))},
    "macAddress": lambda luck: {"mac": ":".join(picked(luck, HEX, 2) for _ in range(6))},
    "url": lambda luck: {"url": f"https://{luck.choice(LAST).lower()}.example.com/{picked(luck, HEX, 6)}"},
    "user": user,
    "uuid": lambda luck: {"uuid": random_uuid(luck)},
    "semver": lambda luck: {"version": ".".join(str(luck.randint(0, 20)) for _ in range(3))},
}
