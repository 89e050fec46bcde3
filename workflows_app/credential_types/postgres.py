"""A PostgreSQL database."""

from typing import Literal

from pydantic import Field

from workflows_app.engine.params import Params, ui
from workflows_app.toolkit.credential_type import CredentialType, hidden, register_credential
from workflows_app.toolkit.fields import Flag, Text, Whole

THROUGH_SSH = {"sshTunnel": [True]}


class PostgresFields(Params):
    host: Text = Field("localhost", title="Host", description="Name or address of the server.")
    database: Text = Field("postgres", title="Database", description="Name of the database.")
    user: Text = Field("postgres", title="User", description="Name of the database account.")
    password: Text = hidden("Password", "Password of the account.")
    max_connections: Whole = Field(100, ge=1, title="Connections", description="How many to open at most.")
    allow_unauthorized_certs: Flag = Field(
        False, title="Any certificate", description="Accept a server that cannot prove who it is."
    )
    ssl: Literal["allow", "disable", "require"] = Field(
        "disable",
        title="TLS",
        description="Whether the connection is encrypted.",
        json_schema_extra=ui(
            labels=["If the server wants it", "Never", "Always"], visible_when={"allowUnauthorizedCerts": [False]}
        ),
    )
    port: Whole = Field(5432, ge=1, le=65_535, title="Port", description="Port of the server.")
    ssh_tunnel: Flag = Field(False, title="Through SSH", description="Reach the server through another machine.")
    ssh_authenticate_with: Literal["password", "privateKey"] = Field(
        "password",
        title="Sign in on that machine with",
        description="A password or a key.",
        json_schema_extra=ui(labels=["Password", "Private key"], visible_when=THROUGH_SSH),
    )
    ssh_host: Text = Field(
        "localhost", title="SSH host", description="The machine.", json_schema_extra=ui(visible_when=THROUGH_SSH)
    )
    ssh_port: Whole = Field(
        22, ge=1, le=65_535, title="SSH port", description="Its port.", json_schema_extra=ui(visible_when=THROUGH_SSH)
    )
    ssh_user: Text = Field(
        "root", title="SSH user", description="The account on it.", json_schema_extra=ui(visible_when=THROUGH_SSH)
    )
    ssh_password: Text = hidden("SSH password", "Its password.", visible_when=THROUGH_SSH)
    private_key: Text = hidden("SSH key", "Text of an OpenSSH or PEM key.", rows=6, visible_when=THROUGH_SSH)
    passphrase: Text = hidden("Passphrase", "Opens the key, where it is locked.", visible_when=THROUGH_SSH)


@register_credential
class Postgres(CredentialType[PostgresFields]):
    """An account on a PostgreSQL server."""

    name = "postgres"
    label = "PostgreSQL"
    where = "The administrator of the database gives you an account; give it only the rights the workflow needs."
    is_for_requests = False
    Fields = PostgresFields
