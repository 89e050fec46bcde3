"""GitHub, with a personal access token."""

from urllib.parse import urlsplit

from pydantic import Field

from workflows_app.engine.params import Params
from workflows_app.toolkit.credential_type import CredentialType, hidden, register_credential
from workflows_app.toolkit.fields import Text
from workflows_app.toolkit.http_draft import Draft

RAW_HOSTS = ("uploads.github.com", "raw.githubusercontent.com")


class GithubApiFields(Params):
    server: Text = Field(
        "https://api.github.com", title="Address", description="Of the API; another one for GitHub Enterprise."
    )
    user: Text = Field("", title="User", description="Your name on GitHub.")
    access_token: Text = hidden("Access token", "A fine-grained or classic personal access token.")


@register_credential
class GithubApi(CredentialType[GithubApiFields]):
    """An account on GitHub or GitHub Enterprise."""

    name = "githubApi"
    label = "GitHub"
    where = "In GitHub's settings under Developer settings, Personal access tokens."
    steps = (
        "On GitHub open Settings, Developer settings, Personal access tokens, Tokens (classic).",
        "Choose Generate new token, give it a name and an end, and tick the scopes below.",
        "Copy the token; it is shown once.",
    )
    scopes = ("repo", "read:org", "workflow")
    docs_url = "https://github.com/settings/tokens"
    Fields = GithubApiFields

    def hosts_of(self, fields: GithubApiFields) -> tuple[str, ...]:
        host = urlsplit(fields.server).hostname or "api.github.com"
        return (host, *RAW_HOSTS) if host == "api.github.com" else (host,)

    def apply(self, draft: Draft, fields: GithubApiFields) -> Draft:
        return draft.with_secret_header("Authorization", f"token {fields.access_token}")

    def test_request(self, fields: GithubApiFields) -> Draft:
        return Draft("GET", f"{fields.server.rstrip('/')}/user")
