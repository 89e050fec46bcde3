"""Forms of the pages about alerts, exports, reports and notifications."""

from datetime import UTC, date, datetime
from typing import Any, cast

from django import forms
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models.notification_choice import SUBJECTS
from executions_app.models.alert import CHANNELS
from executions_app.models.report import PERIODS
from executions_app.services.alerts import LONGEST_MIN, MOST_FAILURES, Rules
from executions_app.services.exports import Wanted
from executions_app.services.reports import Wanted as ReportWanted
from workflows_app.models import Workflow


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


def choice(label: Any, choices: Any, **options: Any) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, choices=choices, widget=forms.Select(attrs={"class": "input"}), **options)


def day(label: Any) -> forms.DateField:
    return forms.DateField(
        label=label, required=False, widget=forms.DateInput(attrs={"class": "input", "type": "date"})
    )


class WorkflowsForm(forms.Form):
    """A form with a choice among the workflows given, all of them without one."""

    workflow = choice(_("Workflow"), (), required=False)

    def __init__(self, *args: Any, workflows: list[Workflow], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.known = {str(one.pk): one for one in workflows}
        field = self.fields["workflow"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _("All")), *((key, one.name) for key, one in self.known.items())]

    @property
    def chosen_workflow(self) -> Workflow | None:
        return self.known.get(self.cleaned_data["workflow"])


class ExportForm(WorkflowsForm):
    what = choice(_("What"), [("executions", _("Runs")), ("workflows", _("Workflows"))])
    format = choice(_("As"), [("csv", "CSV"), ("json", "JSON"), ("zip", _("Zip of both"))])
    since = day(_("From"))
    until = day(_("Before"))
    failed_only = forms.BooleanField(label=_("Only runs that failed"), required=False)
    mail = forms.BooleanField(label=_("Tell me by mail when it is done"), required=False)
    field_order = ["what", "format", "workflow", "since", "until", "failed_only", "mail"]

    def __init__(self, *args: Any, may_audit: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        what = self.fields["what"]
        assert isinstance(what, forms.ChoiceField)
        if may_audit:
            what.choices = [*cast(list[Any], what.choices), ("audit", _("The audit trail"))]

    def wanted(self) -> Wanted:
        given = self.cleaned_data
        workflow = self.chosen_workflow
        return Wanted(
            what=given["what"],
            format=given["format"],
            workflow_id=workflow.pk if workflow else None,
            statuses=("error", "crashed") if given["failed_only"] else (),
            since=midnight(given["since"]),
            until=midnight(given["until"]),
            mail=given["mail"],
        )


class ReportForm(WorkflowsForm):
    period = choice(_("Comes"), PERIODS)
    hour = number(_("At hour"), least=0, most=23, start=7)
    time_zone = forms.CharField(
        label=_("Time zone"),
        max_length=64,
        initial="UTC",
        widget=forms.TextInput(attrs={"class": "input", "list": "zones"}),
    )
    addresses = forms.CharField(
        label=_("Mail to"),
        max_length=4_000,
        required=False,
        widget=forms.TextInput(attrs={"class": "input"}),
        help_text=_("Addresses separated by commas. Without any it can be downloaded here."),
    )

    def wanted(self) -> ReportWanted:
        given = self.cleaned_data
        return ReportWanted(
            workflow=self.chosen_workflow,
            period=given["period"],
            hour=given["hour"],
            time_zone=given["time_zone"],
            addresses=given["addresses"],
        )


class NotificationForm(forms.Form):
    email = forms.MultipleChoiceField(
        label=_("By mail"), choices=SUBJECTS, required=False, widget=forms.CheckboxSelectMultiple
    )
    slack = forms.MultipleChoiceField(
        label=_("Into Slack"), choices=SUBJECTS, required=False, widget=forms.CheckboxSelectMultiple
    )
    slack_url = forms.CharField(
        label=_("Webhook of the Slack channel"),
        max_length=500,
        required=False,
        widget=forms.TextInput(attrs={"class": "input", "autocomplete": "off", "spellcheck": "false"}),
        help_text=_("Stored encrypted."),
    )

    def __init__(self, *args: Any, slack_hint: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if slack_hint:
            now = gettext("Now {}, stored encrypted. Leave this empty to keep it.")
            self.fields["slack_url"].help_text = format_html(now, slack_hint)


def midnight(found: date | None) -> datetime | None:
    return None if found is None else datetime(found.year, found.month, found.day, tzinfo=UTC)
