"""Forms of the pages about alerts, exports and reports."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from executions_app.models.alert import CHANNELS
from executions_app.services.alerts import LONGEST_MIN, MOST_FAILURES, Rules


def number(label: Any, *, least: int, most: int, start: int | None, **options: Any) -> forms.IntegerField:
    widget = forms.NumberInput(attrs={"class": "input", "inputmode": "numeric"})
    return forms.IntegerField(
        label=label,
        min_value=least,
        max_value=most,
        initial=start,
        required=start is not None,
        widget=widget,
        **options,
    )


class RulesForm(forms.Form):
    after_failures = number(
        _("Failures in a row"),
        least=1,
        most=MOST_FAILURES,
        start=1,
        help_text=_("Tells once, when so many runs failed one after the other."),
    )
    stuck_after_min = number(
        _("Minutes a run may take"),
        least=1,
        most=LONGEST_MIN,
        start=None,
        help_text=_("Tells of runs that take longer, and of schedules that are later. Empty: never."),
    )
    on_recovery = forms.BooleanField(label=_("Tell also when it works again"), required=False, initial=True)

    def rules(self, *, enabled: bool = True) -> Rules:
        given = self.cleaned_data
        return Rules(
            after_failures=given["after_failures"],
            on_recovery=given["on_recovery"],
            stuck_after_min=given["stuck_after_min"],
            enabled=enabled,
        )


class AlertForm(RulesForm):
    channel = forms.ChoiceField(label=_("Tell by"), choices=CHANNELS, widget=forms.Select(attrs={"class": "input"}))
    target = forms.CharField(
        label=_("To"),
        max_length=4_000,
        widget=forms.TextInput(attrs={"class": "input", "autocomplete": "off", "spellcheck": "false"}),
        help_text=_("E-mail addresses separated by commas, or the URL of the webhook. A URL is stored encrypted."),
    )
    secret = forms.CharField(
        label=_("Secret of a webhook"),
        max_length=500,
        required=False,
        widget=forms.PasswordInput(attrs={"class": "input", "autocomplete": "off"}),
        help_text=_("Signs each message, in the header X-PumpFlix-Signature."),
    )
    field_order = ["channel", "target", "secret", "after_failures", "stuck_after_min", "on_recovery"]
