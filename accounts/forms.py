"""Forms of the account pages. Those of signing in are allauth's."""

from collections.abc import Sequence
from functools import cache
from typing import Any, cast
from zoneinfo import available_timezones

from allauth.account.adapter import get_adapter
from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.models import Team, User
from accounts.services.api_keys import SCOPES
from accounts.sign_in_forms import LONG_ENOUGH

SCOPE_WORDS = {
    "read": _("Read workflows, runs and templates"),
    "run": _("Start, cancel and retry runs"),
    "write": _("Change workflows and publish them"),
    "credentials": _("Use and change credentials"),
}
LIFETIMES = [("30", _("30 days")), ("90", _("90 days")), ("365", _("A year")), ("", _("Until it is revoked"))]

SIGN_IN_NAME = {"autocomplete": "username", "autofocus": True}


@cache
def zone_choices() -> list[tuple[str, Any]]:
    usual = _("As this instance: %(zone)s") % {"zone": settings.TIME_ZONE}
    return [("", usual), *((name, name.replace("_", " ")) for name in sorted(available_timezones()) if "/" in name)]


class ProfileForm(forms.ModelForm):
    theme = forms.ChoiceField(
        label=_("Theme"), choices=[("system", _("Same as the system")), ("dark", _("Dark")), ("light", _("Light"))]
    )
    locale = forms.ChoiceField(
        label=_("Language"), required=False, choices=[("", _("Same as the browser")), *settings.LANGUAGES]
    )
    time_zone = forms.ChoiceField(
        label=_("Time zone"), required=False, choices=zone_choices, help_text=_("Times on pages are shown in it.")
    )

    class Meta:
        model = User
        fields = ("name", "theme", "locale", "time_zone", "previews_enabled")
        labels = {
            "name": _("Name"),
            "previews_enabled": _("Play a preview when the pointer rests on a title"),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if len(settings.LANGUAGES) == 1:
            del self.fields["locale"]
        self.fields["name"].widget.attrs["autocomplete"] = "name"
        for name, field in self.fields.items():
            if name != "previews_enabled":
                field.widget.attrs["class"] = "input"

    def clean_name(self) -> str:
        return " ".join(str(self.cleaned_data["name"]).split())


class ApiKeyForm(forms.Form):
    name = forms.CharField(
        label=_("What is it for?"),
        max_length=120,
        widget=forms.TextInput(attrs={"class": "input", "autocomplete": "off"}),
    )
    scopes = forms.MultipleChoiceField(
        label=_("What may it do?"),
        choices=[(scope, SCOPE_WORDS[scope]) for scope in SCOPES],
        initial=["read"],
        widget=forms.CheckboxSelectMultiple,
    )
    days = forms.ChoiceField(
        label=_("Good for"),
        choices=LIFETIMES,
        initial="90",
        required=False,
        widget=forms.Select(attrs={"class": "input"}),
    )
    team = forms.ChoiceField(label=_("Works in"), widget=forms.Select(attrs={"class": "input"}))

    def __init__(self, *args: Any, teams: Sequence[Team], **kwargs: Any) -> None:
        """`teams` are those in which its holder may make a key; with one there is nothing to choose."""
        super().__init__(*args, **kwargs)
        if len(teams) < 2:
            del self.fields["team"]
        else:
            cast(forms.ChoiceField, self.fields["team"]).choices = [(str(team.pk), team.name) for team in teams]


class FirstAdminForm(forms.Form):
    token = forms.CharField(
        label=_("One-time token"),
        max_length=200,
        help_text=_("Printed in the terminal or log where PumpFlix was started, and new at each start."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "autocapitalize": "off"}),
    )
    email = forms.EmailField(
        label=_("E-mail"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "username", "autofocus": True}),
    )
    password = forms.CharField(
        label=_("Password"),
        max_length=4096,
        strip=False,
        help_text=LONG_ENOUGH,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    @property
    def has_token(self) -> bool:
        """It came with the link and was not refused: nobody has to look at it."""
        return bool(self["token"].value()) and "token" not in self.errors

    def hide_token(self) -> None:
        self.fields["token"].widget = forms.HiddenInput()

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"]).lower()

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if "password" in cleaned:
            try:
                get_adapter().clean_password(cleaned["password"], user=User(email=cleaned.get("email", "")))
            except ValidationError as error:
                self.add_error("password", error)
        return cleaned
