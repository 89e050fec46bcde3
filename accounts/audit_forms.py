"""The filters of the audit trail."""

from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from accounts.selectors.audit import AuditFilter

ANY = ("", _("Any"))


def day(label: Any) -> forms.DateField:
    return forms.DateField(
        label=label, required=False, widget=forms.DateInput(attrs={"class": "input", "type": "date"})
    )


class AuditForm(forms.Form):
    who = forms.CharField(
        label=_("Who"),
        required=False,
        max_length=120,
        widget=forms.TextInput(attrs={"class": "input", "type": "search", "autocomplete": "off"}),
    )
    what = forms.ChoiceField(label=_("What"), required=False, widget=forms.Select(attrs={"class": "input"}))
    result = forms.ChoiceField(
        label=_("Result"),
        required=False,
        choices=[ANY, ("ok", _("Done")), ("failed", _("Failed"))],
        widget=forms.Select(attrs={"class": "input"}),
    )
    since = day(_("From"))
    until = day(_("To"))
    before = forms.IntegerField(required=False, min_value=1, max_value=2**62, widget=forms.HiddenInput)

    def __init__(self, *args: Any, nouns: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        what = self.fields["what"]
        assert isinstance(what, forms.ChoiceField)
        what.choices = [ANY, *((noun, capfirst(noun.replace("_", " "))) for noun in nouns)]

    @property
    def day_after(self) -> date | None:
        """The first day that is not in it any more; none behind the last day there is."""
        last: date | None = self.cleaned_data.get("until")
        return last + timedelta(days=1) if last and last < date.max else None

    def wanted(self) -> AuditFilter:
        given = self.cleaned_data
        return AuditFilter(
            who=given["who"],
            what=given["what"],
            result=given["result"],
            since=midnight(given["since"]),
            until=midnight(self.day_after),
            before=given["before"],
        )


def midnight(found: date | None) -> datetime | None:
    """In the zone of the account."""
    return timezone.make_aware(datetime.combine(found, time.min)) if found else None
