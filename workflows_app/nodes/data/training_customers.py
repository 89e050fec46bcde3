"""Customer Datastore: a handful of made-up customers for trying things out."""

from typing import Literal

from pydantic import Field

from workflows_app.engine.items import Item, Items, JsonObject, PairedItem
from workflows_app.engine.node_type import NodeRun, NodeType, Outputs
from workflows_app.engine.params import Params, ui
from workflows_app.engine.registry import register
from workflows_app.toolkit.fields import Flag, Whole

CUSTOMERS: tuple[JsonObject, ...] = (
    {"id": "70010", "name": "Ada Brandt", "email": "ada@orchard.example", "notes": "Buys figs by the crate",
     "country": "AT", "created": "2019-03-14"},
    {"id": "70011", "name": "Goran Costa", "email": "goran@harbour.example", "notes": "Calls on Mondays",
     "country": "PT", "created": "2020-07-01"},
    {"id": "70012", "name": "Hana Ito", "email": "hana@riverwalk.example", "notes": "Wants invoices on paper",
     "country": "JP", "created": "2021-11-23"},
    {"id": "70013", "name": "Kofi Jansen", "email": "kofi@market.example", "notes": "Has two delivery addresses",
     "country": None, "created": "2022-02-05"},
    {"id": "70014", "name": "Lena Dahl", "email": "lena@mill.example", "notes": "New since the spring fair",
     "country": "FI", "created": "2024-05-19"},
)  # fmt: skip


class TrainingCustomersParams(Params):
    operation: Literal["getAllPeople", "getOnePerson"] = Field(
        "getAllPeople",
        title="Get",
        description="Several customers, or the first one.",
        json_schema_extra=ui(labels=["Several customers", "One customer"]),
    )
    return_all: Flag = Field(False, title="All of them", description="Put all customers out.")
    limit: Whole = Field(5, ge=1, le=10, title="At most", description="How many customers are put out.")


@register
class TrainingCustomers(NodeType[TrainingCustomersParams]):
    """Put out made-up customers for trying things out."""

    name = "n8n-nodes-base.n8nTrainingCustomerDatastore"
    label = "Training customers"
    group = "data"
    icon = "users"
    silhouette = "keep"
    Params = TrainingCustomersParams

    def execute(self, run: NodeRun[TrainingCustomersParams]) -> Outputs:
        """The customers once for every item that comes in."""
        out: Items = []
        for index in range(len(run.items)):
            params = run.params_for(index)
            count = 1 if params.operation == "getOnePerson" else len(CUSTOMERS) if params.return_all else params.limit
            out += [Item(dict(customer), paired=(PairedItem(index),)) for customer in CUSTOMERS[:count]]
        return [out]
