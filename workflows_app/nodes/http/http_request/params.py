"""Parameters of HTTP Request from version 3 on."""

from typing import Annotated, Any, Literal

from pydantic import Field

from workflows_app.engine.params import Params, ui
from workflows_app.toolkit.fields import AsGroup, AsList, Flag, Number, Text, Whole

Method = Literal["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"]


class HttpPair(Params):
    name: Text = Field("", title="Name", description="Name of the value.")
    value: Any = Field("", title="Value", description="The value.")


class HttpPairs(Params):
    parameters: Annotated[list[HttpPair], AsList] = Field(
        default_factory=list, title="Values", description="One value per row."
    )


class HttpBodyField(Params):
    name: Text = Field("", title="Name", description="Name of the field.")
    value: Any = Field("", title="Value", description="The value of the field.")
    parameter_type: Text = Field(
        "formData", title="Kind", description="formData for a value, formBinaryData for a file."
    )
    input_data_field_name: Text = Field("", title="File field", description="Field of the item that holds the file.")


class HttpBodyFields(Params):
    parameters: Annotated[list[HttpBodyField], AsList] = Field(
        default_factory=list, title="Fields", description="One field per row."
    )


class HttpBatch(Params):
    batch_size: Whole = Field(
        50, title="Items per batch", description="Requests between two pauses; below 1 means all."
    )
    batch_interval: Number = Field(1000, ge=0, title="Pause", description="Pause between batches, in milliseconds.")


class HttpBatching(Params):
    batch: Annotated[HttpBatch, AsGroup] = Field(
        default_factory=lambda: HttpBatch.model_validate({}), title="Batch", description="Size and pause."
    )


class HttpRedirect(Params):
    follow_redirects: Flag = Field(True, title="Follow redirects", description="Go where the server sends the request.")
    max_redirects: Whole = Field(21, ge=0, title="Max redirects", description="How often at most.")


class HttpRedirects(Params):
    redirect: Annotated[HttpRedirect, AsGroup] = Field(
        default_factory=lambda: HttpRedirect.model_validate({}), title="Redirect", description="Whether and how often."
    )


class HttpResponseRules(Params):
    full_response: Flag = Field(False, title="Status and headers", description="Put out status and headers too.")
    never_error: Flag = Field(False, title="Never fail", description="Take every status as success.")
    response_format: Literal["autodetect", "file", "json", "text"] = Field(
        "autodetect",
        title="Format",
        description="How the answer is read.",
        json_schema_extra=ui(labels=["By content type", "File", "JSON", "Text"]),
    )
    output_property_name: Text = Field("data", title="Write to", description="Field that gets a text or a file.")


class HttpResponseGroup(Params):
    response: Annotated[HttpResponseRules, AsGroup] = Field(
        default_factory=lambda: HttpResponseRules.model_validate({}), title="Response", description="How it is read."
    )


class HttpOptions(Params):
    batching: Annotated[HttpBatching, AsGroup] = Field(
        default_factory=lambda: HttpBatching.model_validate({}),
        title="Batching",
        description="Pauses between requests.",
    )
    allow_unauthorized_certs: Flag = Field(
        False, title="Ignore certificates", description="Accept a server that cannot prove who it is."
    )
    query_parameter_arrays: Literal["brackets", "indices", "repeat"] = Field(
        "indices",
        title="Lists in the query",
        description="How a list is written in the address.",
        json_schema_extra=ui(labels=["a[]=1&a[]=2", "a[0]=1&a[1]=2", "a=1&a=2"]),
    )
    lowercase_headers: Flag = Field(
        True, title="Lower-case headers", description="Send names of headers in lower case."
    )
    redirect: Annotated[HttpRedirects, AsGroup] = Field(
        default_factory=lambda: HttpRedirects.model_validate({}), title="Redirects", description="What a redirect does."
    )
    response: Annotated[HttpResponseGroup, AsGroup] = Field(
        default_factory=lambda: HttpResponseGroup.model_validate({}), title="Response", description="How it is read."
    )
    pagination: Any = Field(
        None,
        title="Pagination",
        description="How to fetch further pages; read anew for each of them.",
        json_schema_extra=ui(widget="pagination", no_expression=True),
    )
    timeout: Number = Field(300_000, gt=0, title="Timeout", description="Longest wait for an answer, in milliseconds.")
    proxy: Text = Field(
        "", title="Proxy", description="Not used: outgoing requests take the way the administrator set."
    )


class HttpRequestParams(Params):
    method: Method = Field("GET", title="Method", description="What to do at the address.")
    url: Text = Field(
        "", title="Address", description="Where the request goes.", json_schema_extra=ui(placeholder="https://")
    )
    authentication: Literal["none", "predefinedCredentialType", "genericCredentialType"] = Field(
        "none",
        title="Sign in",
        description="Which kind of credential goes with the request.",
        json_schema_extra=ui(labels=["Nothing", "Credential of a service", "General credential"]),
    )
    node_credential_type: Text = Field("", title="Service", description="Credential type of the service.")
    generic_auth_type: Text = Field("", title="Kind", description="Header, bearer, basic, query or custom credential.")
    provide_ssl_certificates: Flag = Field(
        False, title="Client certificate", description="Show a certificate to the server, from a credential of its own."
    )
    send_query: Flag = Field(False, title="Query", description="Add values to the address.")
    specify_query: Literal["keypair", "json"] = Field(
        "keypair", title="Give them as", description="Rows or JSON.", json_schema_extra=ui(labels=["Rows", "JSON"])
    )
    query_parameters: Annotated[HttpPairs, AsGroup] = Field(
        default_factory=lambda: HttpPairs.model_validate({}), title="Query values", description="Values of the query."
    )
    json_query: Any = Field("", title="Query JSON", description="The query as one JSON object.")
    send_headers: Flag = Field(False, title="Headers", description="Send headers of your own.")
    specify_headers: Literal["keypair", "json"] = Field(
        "keypair", title="Give them as", description="Rows or JSON.", json_schema_extra=ui(labels=["Rows", "JSON"])
    )
    header_parameters: Annotated[HttpPairs, AsGroup] = Field(
        default_factory=lambda: HttpPairs.model_validate({}), title="Header values", description="The headers."
    )
    json_headers: Any = Field("", title="Headers JSON", description="The headers as one JSON object.")
    send_body: Flag = Field(False, title="Body", description="Send a body.")
    content_type: Literal["form-urlencoded", "multipart-form-data", "json", "binaryData", "raw"] = Field(
        "json",
        title="Kind of body",
        description="How the body is written.",
        json_schema_extra=ui(labels=["Form", "Form with files", "JSON", "A file", "Text"]),
    )
    specify_body: Literal["keypair", "json", "string"] = Field(
        "keypair",
        title="Give it as",
        description="Rows, JSON or text.",
        json_schema_extra=ui(labels=["Rows", "JSON", "Text"]),
    )
    body_parameters: Annotated[HttpBodyFields, AsGroup] = Field(
        default_factory=lambda: HttpBodyFields.model_validate({}),
        title="Body fields",
        description="Fields of the body.",
    )
    json_body: Any = Field(
        "", title="Body JSON", description="The body as JSON.", json_schema_extra=ui(widget="code", language="json")
    )
    body: Any = Field("", title="Body text", description="The body as text.")
    input_data_field_name: Text = Field(
        "data", title="File field", description="Field of the item that holds the file to send."
    )
    raw_content_type: Text = Field("", title="Content type", description="Content type of a text body.")
    options: Annotated[HttpOptions, AsGroup] = Field(
        default_factory=lambda: HttpOptions.model_validate({}), title="Options", description="Finer points."
    )
