"""Parameters of GraphQL."""

from typing import Annotated, Any, Literal

from pydantic import Field

from workflows_app.engine.params import Params, ui
from workflows_app.toolkit.fields import AsGroup, AsList, Flag, Text

AUTHENTICATIONS = ["none", "basicAuth", "headerAuth", "queryAuth", "customAuth", "digestAuth", "oAuth1", "oAuth2"]


class GraphqlHeader(Params):
    name: Text = Field("", title="Name", description="Name of the header.")
    value: Text = Field("", title="Value", description="Value of the header.")


class GraphqlHeaders(Params):
    parameter: Annotated[list[GraphqlHeader], AsList] = Field(
        default_factory=list, title="Headers", description="One header per row."
    )


class GraphqlParams(Params):
    authentication: Literal[
        "none", "basicAuth", "headerAuth", "queryAuth", "customAuth", "digestAuth", "oAuth1", "oAuth2"
    ] = Field(
        "none", title="Authentication", description="Which kind of credential signs the request.",
        json_schema_extra=ui(
            labels=["Nothing", "Name and password", "Header", "Query value", "Custom", "Digest", "OAuth 1", "OAuth 2"]
        ),
    )  # fmt: skip
    request_method: Literal["GET", "POST"] = Field("POST", title="Method", description="How the query is sent.")
    endpoint: Text = Field(
        "",
        title="Endpoint",
        description="Address of the GraphQL service.",
        json_schema_extra=ui(placeholder="https://"),
    )
    allow_unauthorized_certs: Flag = Field(
        False, title="Ignore TLS problems", description="Accept certificates that cannot be verified."
    )
    request_format: Literal["", "graphql", "json"] = Field(
        "",
        title="Request format",
        description="JSON carries variables; empty means GraphQL text in version 1 and JSON from 1.1.",
        json_schema_extra=ui(visible_when={"requestMethod": ["POST"]}),
    )
    query: Text = Field(
        "", title="Query", description="The query or mutation.", json_schema_extra=ui(widget="code", rows=8)
    )
    variables: Any = Field(
        "",
        title="Variables",
        description="A JSON object with the variables of the query.",
        json_schema_extra=ui(widget="code", language="json", visible_when={"requestFormat": ["json"]}),
    )
    operation_name: Text = Field(
        "",
        title="Operation name",
        description="Which operation to run where the query holds several.",
        json_schema_extra=ui(visible_when={"requestFormat": ["json"]}),
    )
    response_format: Literal["json", "string"] = Field(
        "json",
        title="Response format",
        description="Read the answer as JSON, or put its text into a field.",
        json_schema_extra=ui(labels=["JSON", "Text"]),
    )
    data_property_name: Text = Field(
        "data",
        title="Response field",
        description="Field that gets the text.",
        json_schema_extra=ui(visible_when={"responseFormat": ["string"]}),
    )
    header_parameters_ui: Annotated[GraphqlHeaders, AsGroup] = Field(
        default_factory=lambda: GraphqlHeaders.model_validate({}), title="Headers", description="Headers to send."
    )
