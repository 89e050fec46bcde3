"""RSS Read, versions 1 to 1.2: the entries of a feed."""

from typing import Annotated

from pydantic import Field

from workflows_app.engine.errors import PumpFlixError
from workflows_app.engine.items import Item, Items
from workflows_app.engine.node_type import NodeRun, NodeType, Outputs, failed_item
from workflows_app.engine.params import Params, ui
from workflows_app.engine.registry import register
from workflows_app.toolkit.feed_request import feed_entries
from workflows_app.toolkit.fields import AsGroup, Flag, Text
from workflows_app.toolkit.foreign_files import ForeignFiles, foreign_files


class RssFeedReadOptions(Params):
    ignore_ssl: Flag = Field(
        False, alias="ignoreSSL", title="Ignore TLS problems", description="Accept certificates that are not verified."
    )
    custom_fields: Text = Field(
        "", title="Further fields", description="Names of elements to take over, separated by commas."
    )


class RssFeedReadParams(Params):
    url: Text = Field(
        "",
        title="URL",
        description="Address of the feed.",
        json_schema_extra=ui(placeholder="https://example.com/feed"),
    )
    options: Annotated[RssFeedReadOptions, AsGroup] = Field(
        default_factory=lambda: RssFeedReadOptions.model_validate({}), title="Options", description="Finer points."
    )


@register
class RssFeedRead(NodeType[RssFeedReadParams]):
    """Read the entries of an RSS or Atom feed, an item each."""

    name = "n8n-nodes-base.rssFeedRead"
    label = "RSS read"
    group = "http"
    icon = "n-http"
    silhouette = "world"
    versions = (1, 1.1, 1.2)
    side_effects = "read"
    Params = RssFeedReadParams

    def execute(self, run: NodeRun[RssFeedReadParams]) -> Outputs:
        with foreign_files(run, "feed") as reader:
            if run.node.type_version >= 1.1:
                return [run.map(lambda _item, params, index: entries(run, reader, params, index))]
            # Version 1 reads one feed, however many items come in.
            try:
                return [entries(run, reader, run.params, 0)]
            except PumpFlixError as error:
                if not run.continues_on_error:
                    raise
                return [[failed_item(error, 0)]]


def entries(run: NodeRun[RssFeedReadParams], reader: ForeignFiles, params: RssFeedReadParams, index: int) -> Items:
    options = params.options
    found = feed_entries(
        run, reader, params.url, item=index, verify_tls=not options.ignore_ssl, custom=options.custom_fields
    )
    return [Item(json=entry) for entry in found]
