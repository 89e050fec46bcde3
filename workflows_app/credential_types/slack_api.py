"""Slack, with a bot or user token."""

from workflows_app.engine.params import Params
from workflows_app.toolkit.credential_type import CredentialType, hidden, register_credential
from workflows_app.toolkit.fields import Text
from workflows_app.toolkit.http_draft import Draft


class SlackApiFields(Params):
    access_token: Text = hidden("Access token", "Starts with xoxb- (a bot) or xoxp- (a person).")
    signature_secret: Text = hidden("Signing secret", "Only for checking that calls really come from Slack.")


@register_credential
class SlackApi(CredentialType[SlackApiFields]):
    """A Slack app in one workspace."""

    name = "slackApi"
    label = "Slack"
    where = "Make an app at api.slack.com/apps, add scopes under OAuth & Permissions, install it, copy the token."
    steps = (
        "At api.slack.com/apps choose Create New App, From scratch, and your workspace.",
        "Under OAuth & Permissions add the scopes below to Bot Token Scopes.",
        "Choose Install to Workspace and agree.",
        "Copy the Bot User OAuth Token; it starts with xoxb-.",
        "Invite the app into each channel it should write to.",
    )
    scopes = ("chat:write", "channels:read", "channels:history", "files:write", "users:read", "reactions:write")
    docs_url = "https://api.slack.com/apps"
    hosts = ("slack.com", "*.slack.com")
    Fields = SlackApiFields

    def apply(self, draft: Draft, fields: SlackApiFields) -> Draft:
        return draft.with_secret_header("Authorization", f"Bearer {fields.access_token}")

    def test_request(self, fields: SlackApiFields) -> Draft:  # noqa: ARG002  the same for every token
        return Draft("GET", "https://slack.com/api/auth.test")
