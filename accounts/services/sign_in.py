"""Signing in and up by API: the same accounts, checks and mails as on the pages, which allauth makes."""

from allauth.account import app_settings as account_settings
from allauth.account.adapter import get_adapter
from allauth.account.models import EmailAddress
from allauth.account.utils import has_verified_email, setup_user_email
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.http import HttpRequest

from accounts.known_browsers import code_attempt
from accounts.models import User
from accounts.services import audit, lockout, second_factor
from accounts.services.teams import personal_team


class SignInRefused(Exception):
    """`code` and `message` are the same for an unknown address, a wrong password and an account that is closed."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class TooManyAttempts(Exception):
    """No password is looked at before `retry_after_s` have passed."""

    def __init__(self, retry_after_s: int) -> None:
        super().__init__()
        self.retry_after_s = retry_after_s


class SignUpClosed(Exception):
    """This instance takes no new accounts by itself."""


def check_password(request: HttpRequest, *, email: str, password: str, code: str = "") -> User:
    """The user with that address and password, and the code of their second factor where they have one. Takes as long
    for an e-mail address that nobody has. A few failures of one account from one place, and that place has to wait.
    Raises SignInRefused, TooManyAttempts."""
    try:
        user = get_adapter(request).authenticate(request, email=email.lower(), password=password)
    except ValidationError as error:  # the adapter's `too_many_attempts`
        raise TooManyAttempts((error.params or {})["retry_after_s"]) from None
    if not isinstance(user, User) or not user.is_active:
        if user is not None:  # a right password of a closed account: the adapter wrote down the wrong ones
            audit.record("login.failed", actor=None, team=None)
        raise SignInRefused("login_failed", "The e-mail address or the password is not right.")
    if account_settings.EMAIL_VERIFICATION == "mandatory" and not has_verified_email(user):
        raise SignInRefused("email_not_verified", "Confirm the e-mail address first: open the link that was mailed.")
    if second_factor.is_set_up(user):
        _check_code(user, code, code_attempt(request, user))
    audit.record("login.success", actor=user, team=None, target=user)
    return user


def _check_code(user: User, code: str, attempt: lockout.Attempt) -> None:
    if not code:
        raise SignInRefused("code_needed", "This account has a second factor: send its code too, as `code`.")
    try:
        found = second_factor.proven(user, code, attempt)
    except lockout.LockedOut as locked:
        raise TooManyAttempts(locked.retry_after_s) from None
    if found is None:
        audit.record("login.failed", actor=None, team=None)
        raise SignInRefused("code_wrong", "The code is not right, or it was used already. Wait for the next one.")


def password_problems(password: str, *, email: str, name: str) -> list[str]:
    """What the password lacks."""
    try:
        get_adapter().clean_password(password, user=User(email=email.lower(), name=name))
    except ValidationError as error:
        return list(error.messages)
    return []


def register(request: HttpRequest, *, email: str, password: str, name: str) -> None:
    """Make an account and mail the link that confirms the address. Who has one already is told by mail, and only by
    mail: the caller learns nothing. Raises SignUpClosed."""
    adapter = get_adapter(request)
    if not adapter.is_open_for_signup(request):
        raise SignUpClosed
    user = User(email=email.lower(), name=name)
    user.set_password(password)
    try:
        with transaction.atomic():
            user.save(force_insert=True)
            personal_team(user)
            setup_user_email(request, user, [])
            audit.record("account.register", actor=user, team=None, target=user)
    except IntegrityError:
        adapter.send_account_already_exists_mail(email.lower())
        return
    if account_settings.EMAIL_VERIFICATION != "none":
        address = EmailAddress.objects.get(user=user)
        address.send_confirmation(request, signup=True)
