"""Chat Trigger: start with each message of a chat."""

from typing import Annotated, Literal

from pydantic import Field

from workflows_app.engine.items import Item
from workflows_app.engine.node_type import NodeRun, NodeType, Outputs
from workflows_app.engine.params import Params, ui
from workflows_app.engine.registry import register
from workflows_app.toolkit.chat_page import CHAT_TRIGGER, GREETING
from workflows_app.toolkit.fields import AsGroup, Flag, Text


class ChatOptions(Params):
    title: Text = Field("", title="Title", description="Heading of the page; the workflow's name without one.")
    subtitle: Text = Field("", title="Subtitle", description="A line below the heading.")
    input_placeholder: Text = Field("", title="Hint", description="Shown where the message is written.")
    allow_file_uploads: Flag = Field(False, title="Files", description="Let people send files with a message.")
    allowed_files_mime_types: Text = Field(
        "*", title="Kinds of files", description="MIME types or endings, separated by commas; * for any."
    )
    allowed_origins: Text = Field(
        "*",
        title="Pages that may embed it",
        description="Origins whose pages may send messages, separated by commas; * for any.",
    )
    response_mode: Literal["lastNode", "responseNode", "responseNodes", "streaming"] = Field(
        "lastNode",
        title="Answer",
        description="With what the last node puts out, or by a Respond node.",
        json_schema_extra=ui(labels=["When the last node ends", "By a Respond node", "By Respond nodes", "As a whole"]),
    )
    load_previous_session: Text = Field(
        "notSupported", title="Earlier messages", description="Kept from n8n; a page that is opened again begins anew."
    )


class ChatTriggerParams(Params):
    public: Flag = Field(False, title="Public", description="Anybody with the address may chat; else only the team.")
    mode: Literal["hostedChat", "webhook"] = Field(
        "hostedChat",
        title="Mode",
        description="A page of ours, or a chat embedded in a page of yours.",
        json_schema_extra=ui(labels=["Page", "Embedded"]),
    )
    authentication: Literal["none", "basicAuth", "n8nUserAuth"] = Field(
        "none",
        title="Sign-in",
        description="Whether people have to sign in first.",
        json_schema_extra=ui(labels=["None", "User name and password", "With an account here"]),
    )
    initial_messages: Text = Field(
        GREETING,
        title="First messages",
        description="Shown before anybody wrote, one a line.",
        json_schema_extra=ui(rows=3),
    )
    options: Annotated[ChatOptions, AsGroup] = Field(
        default_factory=lambda: ChatOptions.model_validate({}), title="Options", description="Finer points."
    )


@register
class ChatTrigger(NodeType[ChatTriggerParams]):
    """Start with each message of a chat. The item holds the message and the id of the session."""

    name = CHAT_TRIGGER
    label = "Chat"
    group = "trigger"
    icon = "n-chat"
    silhouette = "trigger"
    versions = (1, 1.1, 1.2, 1.3, 1.4)
    inputs = ()
    credentials = ("httpBasicAuth",)
    trigger = True
    Params = ChatTriggerParams

    def execute(self, run: NodeRun[ChatTriggerParams]) -> Outputs:
        """Run by hand without a message it makes one up, so that the rest can be built."""
        if any(item.json for item in run.items):
            return [run.items]
        return [[Item(json={"sessionId": run.execution_id, "action": "sendMessage", "chatInput": "Hello"})]]
