"""Forms of the team pages."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models.team import ROLES

ROLE_CHOICES = [(role, _(word)) for role, word in reversed(ROLES)]
ROLE_MEANS = {
    "viewer": _("sees workflows, runs and who is in the team"),
    "operator": _("also runs workflows, and cancels and repeats runs"),
    "editor": _("also changes workflows, credentials and tables"),
    "owner": _("also invites people, changes roles and deletes the team"),
}
ROLE_HELP = [(word, ROLE_MEANS[role]) for role, word in ROLE_CHOICES]


class TeamForm(forms.Form):
    name = forms.CharField(
        label=_("Name"), max_length=120, widget=forms.TextInput(attrs={"class": "input", "autocomplete": "off"})
    )


class InviteForm(forms.Form):
    email = forms.EmailField(
        label=_("E-mail"),
        max_length=254,
        widget=forms.EmailInput(attrs={"class": "input", "autocomplete": "off", "autocapitalize": "off"}),
    )
    role = forms.ChoiceField(
        label=_("Role"), choices=ROLE_CHOICES, initial="viewer", widget=forms.Select(attrs={"class": "input"})
    )


class RoleForm(forms.Form):
    """Read, never drawn: the table of members has its own select in each row."""

    role = forms.ChoiceField(choices=ROLE_CHOICES)

    @property
    def chosen(self) -> Any:
        return self.cleaned_data["role"]
