"""Forms of the vault: the fields of a credential's type, with its name, its hosts, its end."""

import json
from datetime import UTC, datetime, time
from typing import Any

from django import forms
from django.utils.html import escape
from django.utils.translation import gettext_lazy as _

from workflows_app.engine.items import JsonObject
from workflows_app.engine.params import UI_KEY
from workflows_app.forms import INPUT, JsonTextField, ListField
from workflows_app.toolkit.credential_type import WRITE_ONLY, CredentialType
from workflows_app.toolkit.oauth2 import TokenType

PREFIX = "field-"
TOKEN = "oauthTokenData"  # noqa: S105  the name of a field
LONGEST = 100_000


def field_of(name: str, schema: JsonObject, now: Any) -> forms.Field:
    """The field for one entry of a type's schema. `now` is what is stored, or for a secret what may be said of it."""
    hints = schema.get(UI_KEY) or {}
    is_secret = bool(schema.get(WRITE_ONLY))
    options: dict[str, Any] = {
        "label": str(schema.get("title") or name),
        "required": False,
        "help_text": escape(str(schema.get("description") or "")),
    }
    attrs: dict[str, Any] = {**INPUT, "autocomplete": "off", "spellcheck": "false"}
    if hints.get("placeholder"):
        attrs["placeholder"] = hints["placeholder"]
    if is_secret:
        field = secret_field({**hints, "json": name == TOKEN}, options, attrs, now)
    else:
        options["initial"] = schema.get("default") if now is None else now
        field = plain_field(schema, hints, options, attrs)
    field.visible_when = conditions(hints)  # type: ignore[attr-defined]
    field.is_secret = is_secret  # type: ignore[attr-defined]
    return field


def secret_field(hints: JsonObject, options: dict[str, Any], attrs: dict[str, Any], now: Any) -> forms.Field:
    """Written and never shown: the page says only whether it is there, and how a long one ends."""
    if isinstance(now, dict) and now.get("isSet"):
        ends = now.get("hint") or ""
        said = _("Stored, ends in %(ends)s. Leave empty to keep it.") if ends else _("Stored. Leave empty to keep it.")
        attrs["placeholder"] = said % {"ends": ends.removeprefix("…")} if ends else said
    attrs["autocomplete"] = "new-password"
    rows = int(hints.get("rows") or 0)
    widget: forms.Widget
    if hints.get("json"):
        widget = HiddenText(attrs={**attrs, "rows": 4, "class": "input mono"})
        return JsonTextField(max_length=LONGEST, widget=widget, **options)
    if rows:
        widget = HiddenText(attrs={**attrs, "rows": rows, "class": "input mono"})
    else:
        widget = forms.PasswordInput(attrs=attrs, render_value=False)
    return forms.CharField(max_length=LONGEST, strip=False, widget=widget, **options)


class HiddenText(forms.Textarea):
    """For keys of many lines: what was typed does not come back with the page."""

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:  # noqa: ARG002  Django's signature
        return super().get_context(name, None, attrs)


def plain_field(schema: JsonObject, hints: JsonObject, options: dict[str, Any], attrs: dict[str, Any]) -> forms.Field:
    if schema.get("enum"):
        labels = hints.get("labels") or schema["enum"]
        pairs = list(zip(schema["enum"], labels, strict=False))
        return forms.ChoiceField(choices=pairs, widget=forms.Select(attrs=INPUT), **options)
    if schema.get("type") == "boolean":
        return forms.BooleanField(**options)
    if schema.get("type") == "integer":
        bounds: dict[str, Any] = {"min_value": schema.get("minimum"), "max_value": schema.get("maximum")}
        return forms.IntegerField(widget=forms.NumberInput(attrs=attrs), **bounds, **options)
    rows = int(hints.get("rows") or (4 if hints.get("language") else 0))
    if schema.get("type") is None:
        return JsonTextField(max_length=LONGEST, widget=forms.Textarea(attrs={**attrs, "rows": rows or 4}), **options)
    widget = forms.Textarea(attrs={**attrs, "rows": rows}) if rows else forms.TextInput(attrs=attrs)
    return forms.CharField(max_length=LONGEST, strip=False, widget=widget, **options)


def conditions(hints: JsonObject) -> str:
    """When the field matters, as the page's script reads it: other fields by name, with the values that ask for it."""
    wanted = hints.get("visibleWhen", {}).items()
    found = {f"{PREFIX}{name}": [text_of(one) for one in values] for name, values in wanted}
    return json.dumps(found) if found else ""


def text_of(value: Any) -> str:
    return {True: "on", False: ""}[value] if isinstance(value, bool) else str(value)


class CredentialForm(forms.Form):
    """`shown` are the stored values that may be shown, of one that is changed. Fields of the type are named
    `field-<name>`."""

    name = forms.CharField(
        max_length=120, label=_("Name"), widget=forms.TextInput(attrs={**INPUT, "autocomplete": "off"}),
        help_text=_("What you and others choose it by."),
    )  # fmt: skip
    allowed_hosts = ListField(
        required=False, max_length=13_000, label=_("Only to these hosts"),
        widget=forms.Textarea(attrs={**INPUT, "rows": 2, "spellcheck": "false"}),
    )  # fmt: skip
    expires_on = forms.DateField(
        required=False, label=_("Ends on"), widget=forms.DateInput(attrs={**INPUT, "type": "date"}),
        help_text=_("You are told a week and a day before. From then on nodes refuse it."),
    )  # fmt: skip

    def __init__(self, kind: CredentialType[Any], *args: Any, shown: JsonObject | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind = kind
        known = shown or {}
        # Signing in fills the token of those that fetch one.
        hidden = {TOKEN} if isinstance(kind, TokenType) else set()
        properties = {name: one for name, one in kind.properties().items() if name not in hidden}
        made = {f"{PREFIX}{name}": field_of(name, one, known.get(name)) for name, one in properties.items()}
        self.fields = {"name": self.fields["name"], **made, **{k: v for k, v in self.fields.items() if k != "name"}}
        hosts = self.fields["allowed_hosts"]
        own = ", ".join(kind.hosts)
        said = _("One a line, such as api.example.com or *.example.com. A request to any other host is refused.")
        also = _("Without any it goes to %(hosts)s alone.") % {"hosts": own} if own else ""
        hosts.help_text = f"{said} {also}".strip()

    def type_fields(self) -> list[Any]:
        return [self[name] for name in self.fields if name.startswith(PREFIX)]

    def other_fields(self) -> list[Any]:
        return [self["allowed_hosts"], self["expires_on"]]

    def values(self) -> JsonObject:
        """What was given for the type's fields; secrets only where something was typed."""
        return {
            name.removeprefix(PREFIX): "" if value is None else value
            for name, value in self.cleaned_data.items()
            if name.startswith(PREFIX) and not (self.fields[name].is_secret and not value)  # type: ignore[attr-defined]
        }

    def expires_at(self) -> datetime | None:
        """The end of the day that was given."""
        day = self.cleaned_data.get("expires_on")
        return datetime.combine(day, time.max, tzinfo=UTC).replace(microsecond=0) if day else None

    def is_changed(self, shown: JsonObject) -> bool:
        """Whether anything of the type's fields differs from what is stored."""
        values = self.values()
        hidden = self.kind.secret_names()
        return any(name in hidden or shown.get(name) != value for name, value in values.items())

    def take(self, problems: list[Any]) -> None:
        """Show each problem beside its field."""
        for problem in problems:
            name = f"{PREFIX}{problem.path.partition('.')[0]}"
            own = {"name": "name", "allowedHosts": "allowed_hosts"}.get(problem.path)
            self.add_error(own or (name if name in self.fields else None), problem.message)
