"""Whose password it is. One question and one hash for every address, so that the time tells nothing."""

from allauth.account.auth_backends import AuthenticationBackend

from accounts.models import User


class ByAddress(AuthenticationBackend):
    """allauth also asks for further addresses of the account, and compares some passwords twice; here the address to
    sign in with is the one of the account."""

    def _authenticate_by_email(self, email: str, password: str) -> User | None:
        found: User | None = self._check_password(User.objects.filter(email=email.lower()).first(), password)
        return found
