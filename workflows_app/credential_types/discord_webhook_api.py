"""Discord, through a webhook of one channel."""

from workflows_app.engine.params import Params
from workflows_app.toolkit.credential_type import CredentialType, hidden, register_credential
from workflows_app.toolkit.fields import Text
from workflows_app.toolkit.http_draft import Draft


class DiscordWebhookApiFields(Params):
    webhook_uri: Text = hidden("Webhook URL", "Whoever knows it can write into the channel.")


@register_credential
class DiscordWebhookApi(CredentialType[DiscordWebhookApiFields]):
    """One channel to write to."""

    name = "discordWebhookApi"
    label = "Discord webhook"
    where = "In the channel's settings under Integrations, Webhooks: make one and copy its URL."
    docs_url = "https://support.discord.com/hc/articles/228383668"
    hosts = ("discord.com", "discordapp.com", "canary.discord.com", "ptb.discord.com")
    is_for_requests = False
    Fields = DiscordWebhookApiFields

    def test_request(self, fields: DiscordWebhookApiFields) -> Draft:
        return Draft("GET", fields.webhook_uri)
