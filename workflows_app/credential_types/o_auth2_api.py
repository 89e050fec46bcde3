"""OAuth 2 with any service."""

from workflows_app.toolkit.credential_type import register_credential
from workflows_app.toolkit.oauth2 import OAuth2Type


@register_credential
class OAuth2Api(OAuth2Type):
    """An application that acts for an account, with tokens that are renewed by themselves."""

    name = "oAuth2Api"
    label = "OAuth2"
    where = "Register an application with the service and give it this instance's callback address."
