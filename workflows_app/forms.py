"""Forms of the workflow pages: import, and the variables of a workflow as typed fields."""

import json
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.html import escape
from django.utils.translation import gettext_lazy as _

INPUT = {"class": "input"}
MAX_PASTE_CHARACTERS = 10 * 1024 * 1024


class ManyFilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class ManyFilesField(forms.FileField):
    """A list of files, each checked as one would be."""

    widget = ManyFilesInput

    def clean(self, data: Any, initial: Any = None) -> Any:
        return [super(ManyFilesField, self).clean(one, initial) for one in data or []]


class ImportForm(forms.Form):
    """Files, a folder, pasted text, a link: all that is given is taken."""

    file = ManyFilesField(
        required=False,
        label=_("Files"),
        widget=ManyFilesInput(attrs={**INPUT, "accept": ".json,.zip,application/json,application/zip"}),
    )
    folder = ManyFilesField(required=False, label=_("A folder"), widget=ManyFilesInput(attrs={**INPUT}))
    text = forms.CharField(
        required=False,
        strip=False,
        label=_("Or paste it"),
        widget=forms.Textarea(attrs={**INPUT, "class": "input mono", "rows": 9, "spellcheck": "false"}),
    )
    url = forms.CharField(
        required=False,
        max_length=2_000,
        label=_("Or a link to one"),
        widget=forms.URLInput(attrs={**INPUT, "placeholder": "https://n8n.io/workflows/…"}),
    )

    def given_files(self) -> list[tuple[str, bytes]]:
        """Name and bytes of every file."""
        given = [*self.cleaned_data.get("file", []), *self.cleaned_data.get("folder", [])]
        return [(one.name, one.read()) for one in given if one is not None]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        is_empty = not any(cleaned.get(name) for name in ("file", "folder", "url"))
        if is_empty and not (cleaned.get("text") or "").strip() and not self.errors:
            self.add_error("text", _("Paste a workflow's JSON or choose a file."))
        return cleaned


class ListField(forms.CharField):
    """One entry a line."""

    def to_python(self, value: Any) -> list[str]:  # type: ignore[override]
        return [line.strip() for line in str(super().to_python(value)).splitlines() if line.strip()]

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(str(entry) for entry in value) if isinstance(value, list) else value


class TimeOfDayField(forms.RegexField):
    def __init__(self, **options: Any) -> None:
        super().__init__(r"^([01]\d|2[0-3]):[0-5]\d$", error_messages={"invalid": _("A time like 08:30.")}, **options)


class JsonTextField(forms.CharField):
    """JSON kept as the value it stands for."""

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        if not text:
            return None
        try:
            return json.loads(text)
        except ValueError as error:
            raise ValidationError(_("Not JSON: %(error)s"), params={"error": error}) from error

    def prepare_value(self, value: Any) -> Any:
        return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=2)


def field_for(variable: dict[str, Any]) -> forms.Field:
    """The field of one entry of `meta.pumpflix.variables`. An expression (a text that begins with `=`) stays a text."""
    kind = "text" if is_expression(variable.get("value")) else str(variable.get("type") or "text")
    example = variable.get("example")
    options: dict[str, Any] = {
        "label": str(variable.get("label") or variable["name"]),
        "required": bool(variable.get("required")) and kind != "boolean",
        "initial": variable.get("value", variable.get("default")),
        "help_text": help_text(variable),
    }
    attrs = {**INPUT, **({"placeholder": str(example)} if example not in (None, "") else {})}
    field = made(kind, variable, options, attrs)
    field.type_name = kind  # type: ignore[attr-defined]
    return field


def made(kind: str, variable: dict[str, Any], options: dict[str, Any], attrs: dict[str, str]) -> forms.Field:
    choices = variable.get("choices")
    if kind == "choice" and choices:
        pairs = [
            (entry["value"], entry.get("label", entry["value"])) if isinstance(entry, dict) else (entry, entry)
            for entry in choices
        ]
        return forms.ChoiceField(choices=pairs, widget=forms.Select(attrs=INPUT), **options)
    if kind == "boolean":
        return forms.BooleanField(**options)
    if kind in ("list", "json"):
        cls = ListField if kind == "list" else JsonTextField
        return cls(widget=forms.Textarea(attrs={**attrs, "rows": 4}), **options)
    if kind == "number":
        return forms.FloatField(widget=forms.NumberInput(attrs={**attrs, "step": "any"}), **options)
    if kind == "email":
        return forms.EmailField(widget=forms.EmailInput(attrs=attrs), **options)
    if kind == "url":
        return forms.URLField(widget=forms.URLInput(attrs=attrs), assume_scheme="https", **options)
    if kind == "time":
        return TimeOfDayField(widget=forms.TextInput(attrs={**attrs, "type": "time"}), **options)
    long = len(str(options["initial"] or "")) > 80 or "\n" in str(options["initial"] or "")
    widget = forms.Textarea(attrs={**attrs, "rows": 4}) if long else forms.TextInput(attrs=attrs)
    return forms.CharField(max_length=20_000, strip=False, widget=widget, **options)


def help_text(variable: dict[str, Any]) -> str:
    """Plain text: what a template's author wrote never becomes markup."""
    return escape(str(variable.get("help") or ""))


def is_expression(value: Any) -> bool:
    return isinstance(value, str) and value.startswith("=")


class SetupForm(forms.Form):
    """The variables of a workflow, and a file to try it with where it takes one. Field names are `variable-<index>`."""

    file = forms.FileField(
        required=False,
        label=_("A file to try it with"),
        help_text=_("Without one it runs on the sample."),
        widget=forms.ClearableFileInput(attrs=INPUT),
    )

    def __init__(self, variables: list[dict[str, Any]], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.names = {f"variable-{index}": str(entry["name"]) for index, entry in enumerate(variables)}
        made_fields = {f"variable-{index}": field_for(entry) for index, entry in enumerate(variables)}
        self.fields = {**made_fields, **self.fields}

    def values(self) -> dict[str, Any]:
        """Valid values by variable name; whole numbers stay whole."""
        return {
            name: whole(self.cleaned_data[field]) for field, name in self.names.items() if field in self.cleaned_data
        }

    def focus_first_error(self) -> None:
        """The cursor goes to the first field that was refused."""
        for name in self.fields:
            if name in self.errors:
                self.fields[name].widget.attrs["autofocus"] = True
                return


def whole(value: Any) -> Any:
    return int(value) if isinstance(value, float) and value.is_integer() and abs(value) < 2**53 else value
