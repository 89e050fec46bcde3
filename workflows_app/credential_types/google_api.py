"""Google, with a service account."""

from datetime import datetime

from pydantic import Field

from workflows_app.engine.params import ui
from workflows_app.toolkit.credential_type import hidden, register_credential
from workflows_app.toolkit.fields import Flag, Text
from workflows_app.toolkit.http_draft import Draft
from workflows_app.toolkit.oauth2 import TOKEN_TIMEOUT_S, TokenFields, TokenType
from workflows_app.toolkit.tokens import Token, make_token

TOKEN_URL = "https://oauth2.googleapis.com/token"  # noqa: S105  an address
GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
DEFAULT_SCOPE = "https://www.googleapis.com/auth/cloud-platform"
LIFETIME_S = 3600


class GoogleApiFields(TokenFields):
    region: Text = Field("us-central1", title="Region", description="Of services that are asked in one.")
    email: Text = Field(
        "",
        title="Service account",
        description="Its address.",
        json_schema_extra=ui(placeholder="name@project.iam.gserviceaccount.com"),
    )
    private_key: Text = hidden("Private key", "`private_key` of the JSON file, from BEGIN to END.", rows=6)
    # Spelled as in n8n's exports.
    impersonates: Flag = Field(
        False, alias="inpersonate", title="Act for a person", description="Needs domain-wide delegation."
    )
    delegated_email: Text = Field(
        "", title="Person", description="Whom to act for.", json_schema_extra=ui(visible_when={"inpersonate": [True]})
    )
    http_node: Flag = Field(False, title="For HTTP requests", description="Choose the scopes yourself.")
    scopes: Text = Field(
        "", title="Scopes", description="Separated by spaces.", json_schema_extra=ui(visible_when={"httpNode": [True]})
    )


@register_credential
class GoogleApi(TokenType[GoogleApiFields]):
    """A Google service account. Share files and calendars with its address to let it see them."""

    name = "googleApi"
    label = "Google service account"
    where = "In Google Cloud under IAM, Service accounts: make one, add a JSON key, copy address and private key."
    steps = (
        "In Google Cloud open IAM & Admin, Service Accounts, and make one.",
        "Under Keys add a key of type JSON; a file is downloaded.",
        "Copy client_email and private_key of that file into the fields.",
        "Switch on the API the workflow uses, and share files or calendars with the account's address.",
    )
    scopes = (DEFAULT_SCOPE,)
    docs_url = "https://console.cloud.google.com/iam-admin/serviceaccounts"
    hosts = ("*.googleapis.com",)
    Fields = GoogleApiFields

    def token_request(self, fields: GoogleApiFields, now: datetime) -> Draft:
        """A signed statement (RFC 7523) is exchanged for a token of one hour."""
        at = int(now.timestamp())
        claims = {
            "iss": fields.email.strip(),
            "sub": fields.delegated_email.strip() if fields.impersonates else fields.email.strip(),
            "scope": " ".join(fields.scopes.replace(",", " ").split()) or DEFAULT_SCOPE,
            "aud": TOKEN_URL,
            "iat": at,
            "exp": at + LIFETIME_S,
        }
        assertion = make_token(Token({}, claims), "RS256", fields.private_key.replace("\\n", "\n").strip())
        form = {"grant_type": GRANT, "assertion": assertion}
        return Draft("POST", TOKEN_URL, kind="form", body=form, timeout_s=TOKEN_TIMEOUT_S, follow_redirects=False)
