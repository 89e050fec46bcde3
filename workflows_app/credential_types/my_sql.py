"""A MySQL or MariaDB database."""

from pydantic import Field

from workflows_app.engine.params import Params, ui
from workflows_app.toolkit.credential_type import CredentialType, hidden, register_credential
from workflows_app.toolkit.fields import Flag, Text, Whole

WITH_TLS = {"ssl": [True]}


class MySqlFields(Params):
    host: Text = Field("localhost", title="Host", description="Name or address of the server.")
    database: Text = Field("mysql", title="Database", description="Name of the database.")
    user: Text = Field("mysql", title="User", description="Name of the database account.")
    password: Text = hidden("Password", "Password of the account.")
    port: Whole = Field(3306, ge=1, le=65_535, title="Port", description="Port of the server.")
    connect_timeout: Whole = Field(
        10_000, ge=1, title="Patience", description="Longest wait for a connection, in milliseconds."
    )
    ssl: Flag = Field(False, title="TLS", description="Encrypt the connection.")
    ca_certificate: Text = Field(
        "",
        title="Certificate authority",
        description="PEM text, where the server's certificate is privately signed.",
        json_schema_extra=ui(rows=4, visible_when=WITH_TLS),
    )
    client_private_key: Text = hidden("Client key", "PEM text of your key.", rows=4, visible_when=WITH_TLS)
    client_certificate: Text = Field(
        "",
        title="Client certificate",
        description="PEM text of your certificate.",
        json_schema_extra=ui(rows=4, visible_when=WITH_TLS),
    )


@register_credential
class MySql(CredentialType[MySqlFields]):
    """An account on a MySQL or MariaDB server."""

    name = "mySql"
    label = "MySQL"
    where = "The administrator of the database gives you an account; give it only the rights the workflow needs."
    is_for_requests = False
    Fields = MySqlFields
