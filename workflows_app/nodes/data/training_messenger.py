"""Customer Messenger: says that a message was sent, and sends nothing."""

from pydantic import Field

from workflows_app.engine.node_type import NodeRun, NodeType, Outputs
from workflows_app.engine.params import Params, ui
from workflows_app.engine.registry import register
from workflows_app.toolkit.fields import Text


class TrainingMessengerParams(Params):
    customer_id: Text = Field("", title="Customer", description="Id of a training customer.")
    message: Text = Field("", title="Message", description="The message.", json_schema_extra=ui(rows=3))


@register
class TrainingMessenger(NodeType[TrainingMessengerParams]):
    """Act as if a message were sent to a training customer; nothing is sent."""

    name = "n8n-nodes-base.n8nTrainingCustomerMessenger"
    label = "Training messenger"
    group = "data"
    icon = "n-chat"
    Params = TrainingMessengerParams

    def execute(self, run: NodeRun[TrainingMessengerParams]) -> Outputs:
        """Two spaces follow the colon, as n8n has it."""
        return [
            run.map(
                lambda _, params, __: {"output": f"Sent message to customer {params.customer_id}:  {params.message}"}
            )
        ]
