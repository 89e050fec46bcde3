"""Telegram, as a bot."""

from urllib.parse import urlsplit

from pydantic import Field

from workflows_app.engine.params import Params
from workflows_app.toolkit.credential_type import CredentialType, hidden, register_credential
from workflows_app.toolkit.fields import Text
from workflows_app.toolkit.http_draft import Draft


class TelegramApiFields(Params):
    access_token: Text = hidden("Bot token", "Looks like 123456:ABC-DEF1234.")
    base_url: Text = Field(
        "https://api.telegram.org", title="Address", description="Another one for a Bot API server of your own."
    )


@register_credential
class TelegramApi(CredentialType[TelegramApiFields]):
    """A Telegram bot. Its token is part of the address, so only nodes for Telegram can use it."""

    name = "telegramApi"
    label = "Telegram"
    where = "Write /newbot to @BotFather in Telegram; it answers with the token."
    steps = (
        "In Telegram write to @BotFather and send /newbot.",
        "Answer with a name for the bot, and with a user name that ends in bot.",
        "Copy the token that BotFather answers with.",
    )
    docs_url = "https://core.telegram.org/bots#how-do-i-create-a-bot"
    is_for_requests = False
    Fields = TelegramApiFields

    def hosts_of(self, fields: TelegramApiFields) -> tuple[str, ...]:
        return (urlsplit(fields.base_url).hostname or "api.telegram.org",)

    def test_request(self, fields: TelegramApiFields) -> Draft:
        return Draft("GET", f"{fields.base_url.rstrip('/')}/bot{fields.access_token}/getMe")
