"""A secret that callers of webhooks sign their requests with."""

from typing import Literal

from pydantic import Field

from workflows_app.engine.params import Params, ui
from workflows_app.toolkit.credential_type import CredentialType, hidden, register_credential
from workflows_app.toolkit.fields import Text, Whole

PLAIN = {"scheme": ["body"]}


class WebhookSignatureFields(Params):
    scheme: Literal["body", "stripe", "slack", "standard"] = Field(
        "body",
        title="Signed by",
        description="Whose way of signing it is.",
        json_schema_extra=ui(
            labels=["A header over the body (GitHub, Shopify, others)", "Stripe", "Slack", "Standard Webhooks, Svix"]
        ),
    )
    secret: Text = hidden("Secret", "The signing secret that both sides know.")
    header: Text = Field(
        "X-Hub-Signature-256",
        title="Header",
        description="Where the signature is; a prefix such as sha256= is understood.",
        json_schema_extra=ui(visible_when=PLAIN),
    )
    algorithm: Literal["sha256", "sha1", "sha512"] = Field(
        "sha256", title="Digest", description="What the HMAC is made with.", json_schema_extra=ui(visible_when=PLAIN)
    )
    encoding: Literal["hex", "base64"] = Field(
        "hex", title="Written as", description="How the signature is written.", json_schema_extra=ui(visible_when=PLAIN)
    )
    timestamp_header: Text = Field(
        "",
        title="Header of the time",
        description="Where callers sign <seconds>.<body>, the header with the seconds; empty where they sign the body.",
        json_schema_extra=ui(visible_when=PLAIN),
    )
    tolerance_s: Whole = Field(
        300, ge=1, le=86_400, title="Seconds of tolerance", description="How old or early a signed time may be."
    )


@register_credential
class WebhookSignature(CredentialType[WebhookSignatureFields]):
    """Checks that a webhook's caller knows a secret, by an HMAC over the body as it came."""

    name = "pumpflixSignature"
    label = "Webhook signature"
    where = "The service shows the signing secret where its webhook is set up."
    is_for_requests = False
    Fields = WebhookSignatureFields
