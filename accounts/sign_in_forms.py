"""allauth's forms as password managers and our pages want them: labels instead of placeholders, and the address marked
as the name to sign in with."""

from typing import Any

from allauth.account import forms as account_forms
from allauth.account.adapter import get_adapter
from allauth.account.forms import default_token_generator
from allauth.account.models import EmailAddress
from allauth.core import context
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import get_adapter as second_factors
from allauth.mfa.base import forms as code_forms
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn import forms as passkey_forms
from django import forms
from django.core.validators import MaxLengthValidator
from django.db import transaction
from django.http import HttpRequest, HttpResponseRedirect
from django.utils.translation import gettext_lazy as _

from accounts.adapter import too_many_attempts
from accounts.known_browsers import code_attempt
from accounts.models import User
from accounts.services import lockout, second_factor

LONG_ENOUGH = _("At least 10 characters. A few words are easier to remember than symbols.")


class Plain:
    """A placeholder goes away while one types; the label stays."""

    fields: dict[str, Any]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.widget.attrs.pop("placeholder", None)
            if name == "password1":
                field.help_text = LONG_ENOUGH
            if name in ("login", "email"):
                field.label = _("E-mail")
                field.widget.attrs |= {"autocomplete": "username", "autocapitalize": "off", "spellcheck": "false"}


class LoginForm(Plain, account_forms.LoginForm):
    pass


class SignupForm(Plain, account_forms.SignupForm):
    def clean_email(self) -> Any:
        email = super().clean_email()
        get_adapter().refuse_uninvited(email)
        return email


class ResetPasswordForm(Plain, account_forms.ResetPasswordForm):
    pass


class ResetPasswordKeyForm(Plain, account_forms.ResetPasswordKeyForm):
    """One field: what was typed can be shown, so it need not be typed twice."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields.pop("password2", None)
        self.fields["password1"].label = _("New password")

    def save(self) -> None:
        """Of two who come with one link at once, the first has it: the other is shown that it is over."""
        with transaction.atomic():
            user = User.objects.select_for_update().get(pk=self.user.pk)
            if not default_token_generator.check_token(user, self.temp_key):
                raise ImmediateHttpResponse(HttpResponseRedirect(context.request.get_full_path()))
            super().save()


class ReauthenticateForm(Plain, account_forms.ReauthenticateForm):
    pass


class ChangePasswordForm(Plain, account_forms.ChangePasswordForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields.pop("password2", None)
        self.fields["oldpassword"].label = _("Current password")
        self.fields["password1"].label = _("New password")


class SetPasswordForm(Plain, account_forms.SetPasswordForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields.pop("password2", None)


class AddEmailForm(Plain, account_forms.AddEmailForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].label = _("New address")
        self.fields["email"].widget.attrs["autocomplete"] = "email"

    def save(self, request: HttpRequest) -> EmailAddress:
        """The address of now stays until the new one is confirmed, also where it never was itself."""
        user = self.user
        with transaction.atomic():
            EmailAddress.objects.filter(user=user, verified=False).exclude(email=user.email).delete()
            address: EmailAddress = EmailAddress.objects.create(user=user, email=self.cleaned_data["email"])
        address.send_confirmation(request)
        return address


def limit(field: Any, characters: int) -> None:
    """What a field made elsewhere takes: setting its `max_length` afterwards would change nothing."""
    field.max_length = characters
    field.validators.append(MaxLengthValidator(characters))
    field.widget.attrs["maxlength"] = str(characters)


class Code(Plain):
    """Six digits, or a recovery code, as telephones and password managers fill them in."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["code"]
        field.label = _("Code")
        limit(field, 20)
        field.widget.attrs |= {"autocomplete": "one-time-code", "inputmode": "numeric", "autocapitalize": "off"}


class CodeOnce(Code):
    """Every code lets in once, and few may be tried."""

    user: User
    cleaned_data: dict[str, Any]
    _emit_authentication_failed: Any

    def clean_code(self) -> str:
        code = str(self.cleaned_data["code"])
        attempt = code_attempt(context.request, self.user)
        try:
            found = second_factor.proven(self.user, code, attempt)
        except lockout.LockedOut as locked:
            raise too_many_attempts(locked.retry_after_s) from None
        if found is None:
            self._emit_authentication_failed(Authenticator.objects.filter(user=self.user).first())
            raise second_factors().validation_error("incorrect_code")
        self.authenticator = found
        return code


class CodeForm(CodeOnce, code_forms.AuthenticateForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].help_text = _("From your authenticator app, or one of your recovery codes.")


class CodeAgainForm(CodeOnce, code_forms.ReauthenticateForm):
    pass


class ActivateCodeForm(Code, ActivateTOTPForm):
    pass


class FromBrowser:
    """What a browser's authenticator said is made by whoever sends it: nothing in it may be more than refused."""

    def _refusing_what_is_malformed(self, read: Any) -> Any:
        try:
            return read()
        except (TypeError, ValueError, KeyError, AttributeError, IndexError) as error:
            raise second_factors().validation_error("incorrect_code") from error


class AddPasskeyForm(FromBrowser, Plain, passkey_forms.AddWebAuthnForm):
    """Always one that signs in by itself: it asks for a finger, a face or a PIN."""

    passwordless = forms.BooleanField(initial=True, required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].label = _("Name")
        limit(self.fields["name"], 60)
        self.fields["name"].help_text = _("So that you know it again, such as “Work laptop”.")

    def clean(self) -> Any:
        return self._refusing_what_is_malformed(super().clean)


class PasskeyForm(FromBrowser, passkey_forms.AuthenticateWebAuthnForm):
    def clean_credential(self) -> Any:
        return self._refusing_what_is_malformed(super().clean_credential)


class PasskeyAgainForm(FromBrowser, passkey_forms.ReauthenticateWebAuthnForm):
    def clean_credential(self) -> Any:
        return self._refusing_what_is_malformed(super().clean_credential)


class PasskeyLoginForm(FromBrowser, passkey_forms.LoginWebAuthnForm):
    def clean_credential(self) -> Any:
        return self._refusing_what_is_malformed(super().clean_credential)


class RenamePasskeyForm(Plain, passkey_forms.EditWebAuthnForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].label = _("Name")
        limit(self.fields["name"], 60)
