"""A Redis server."""

from pydantic import Field

from workflows_app.engine.params import Params, ui
from workflows_app.toolkit.credential_type import CredentialType, hidden, register_credential
from workflows_app.toolkit.fields import Flag, Text, Whole


class RedisFields(Params):
    password: Text = hidden("Password", "Empty where the server asks for none.")
    user: Text = Field("", title="User", description="Name of the account; empty for the default one.")
    host: Text = Field("localhost", title="Host", description="Name or address of the server.")
    port: Whole = Field(6379, ge=1, le=65_535, title="Port", description="Port of the server.")
    database: Whole = Field(0, ge=0, title="Database", description="Number of the database.")
    ssl: Flag = Field(False, title="TLS", description="Encrypt the connection.")
    disable_tls_verification: Flag = Field(
        False,
        title="Any certificate",
        description="Accept a server that cannot prove who it is.",
        json_schema_extra=ui(visible_when={"ssl": [True]}),
    )


@register_credential
class Redis(CredentialType[RedisFields]):
    """A Redis or Valkey server."""

    name = "redis"
    label = "Redis"
    where = "Whoever runs the server knows its address and password."
    is_for_requests = False
    Fields = RedisFields
