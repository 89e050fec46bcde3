"""Discord, as a bot."""

from workflows_app.engine.params import Params
from workflows_app.toolkit.credential_type import CredentialType, hidden, register_credential
from workflows_app.toolkit.fields import Text
from workflows_app.toolkit.http_draft import Draft


class DiscordBotApiFields(Params):
    bot_token: Text = hidden("Bot token", "The token of the bot, not the secret of the application.")


@register_credential
class DiscordBotApi(CredentialType[DiscordBotApiFields]):
    """A Discord bot on one or more servers."""

    name = "discordBotApi"
    label = "Discord bot"
    where = "At discord.com/developers/applications make an application, add a bot to it, reset and copy its token."
    steps = (
        "At discord.com/developers/applications make an application and open Bot.",
        "Choose Reset Token and copy it; it is shown once.",
        "Under OAuth2, URL Generator, tick the scopes below and open the address to add the bot to your server.",
    )
    scopes = ("bot", "applications.commands")
    docs_url = "https://discord.com/developers/applications"
    hosts = ("discord.com",)
    Fields = DiscordBotApiFields

    def apply(self, draft: Draft, fields: DiscordBotApiFields) -> Draft:
        return draft.with_secret_header("Authorization", f"Bot {fields.bot_token}")

    def test_request(self, fields: DiscordBotApiFields) -> Draft:  # noqa: ARG002  the same for every token
        return Draft("GET", "https://discord.com/api/v10/users/@me")
