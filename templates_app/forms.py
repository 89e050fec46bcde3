"""Forms of the gallery: *Save as template*."""

from typing import Any

from django import forms
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from executions_app.models import Execution
from executions_app.selectors.run_words import MODE_LABELS
from templates_app.lifting import Literal, literals
from templates_app.models import Category, Template
from workflows_app.models import Workflow

INPUT = {"class": "input"}
SAMPLES = 10


class SampleField(forms.ModelChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        when = date_format(localtime(obj.created_at), "j M Y, H:i:s")
        return f"{MODE_LABELS.get(obj.mode, obj.mode)}, {when}"


class PromoteForm(forms.Form):
    """Name, description, job, and the successful run whose data becomes the sample."""

    name = forms.CharField(max_length=120, label=_("Name"), widget=forms.TextInput(attrs=INPUT))
    description = forms.CharField(
        max_length=5_000,
        label=_("What it is for"),
        help_text=_("The first line is the pitch on the card."),
        widget=forms.Textarea(attrs={**INPUT, "rows": 3}),
    )
    category = forms.ModelChoiceField(
        queryset=Category.objects.none(), label=_("Job"), empty_label=None, widget=forms.Select(attrs=INPUT)
    )
    sample = SampleField(
        queryset=Execution.objects.none(),
        label=_("Sample data from"),
        empty_label=None,
        help_text=_("Everyone who sees the template sees the data of this run. It is searched for secrets first."),
        error_messages={"required": _("Run the workflow once: a template needs a run that worked as its sample.")},
        widget=forms.Select(attrs=INPUT),
    )
    lift = forms.MultipleChoiceField(
        required=False,
        label=_("Ask its users for these"),
        help_text=_("Each becomes a variable, with what stands there now as its example."),
        widget=forms.CheckboxSelectMultiple,
    )
    thumbnail = forms.URLField(
        required=False,
        assume_scheme="https",
        label=_("Picture address"),
        help_text=_("Left empty, the poster is drawn from the sample run."),
        widget=forms.URLInput(attrs=INPUT),
    )

    def __init__(self, workflow: Workflow, user: Any, *args: Any, **kwargs: Any) -> None:
        origin = Template.objects.filter(pk__in=[workflow.source_template]).only("category_id").first()
        category = origin.category_id if origin else None
        initial = {"name": workflow.name, "description": workflow.description, "category": category}
        kwargs.setdefault("initial", initial)
        super().__init__(*args, **kwargs)
        self.fields["category"].queryset = Category.objects.visible_to(user)  # type: ignore[attr-defined]
        self.fields["sample"].queryset = samples(workflow)  # type: ignore[attr-defined]
        self.literals = {one.key: one for one in literals(workflow.graph)}
        self.fields["lift"].choices = [  # type: ignore[attr-defined]
            (key, f"{one.node}: {one.shown}") for key, one in self.literals.items()
        ]
        if not self.literals:
            del self.fields["lift"]

    def chosen_literals(self) -> list[Literal]:
        return [self.literals[key] for key in self.cleaned_data.get("lift") or []]


def samples(workflow: Workflow) -> Any:
    """Runs that succeeded, newest first, a handful."""
    newest = Execution.objects.kept().filter(workflow=workflow, status="success").order_by("-created_at")
    ids = list(newest.values_list("id", flat=True)[:SAMPLES])
    return Execution.objects.filter(pk__in=ids).only("id", "mode", "created_at").order_by("-created_at")
