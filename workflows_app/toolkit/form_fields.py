"""The fields of a form, as form nodes declare them."""

from typing import Annotated, Any

from pydantic import Field

from workflows_app.engine.params import Params, ui
from workflows_app.toolkit.fields import AsGroup, AsList, Flag, Text


class FormChoice(Params):
    option: Text = Field("", title="Choice", description="One of the texts to choose from.")


class FormChoices(Params):
    values: Annotated[list[FormChoice], AsList] = Field(
        default_factory=list, title="Choices", description="One choice per row."
    )


class FormField(Params):
    field_label: Text = Field("", title="Label", description="Shown at the field; the name of the value.")
    field_name: Text = Field("", title="Name", description="Name of the value, if it is not the label.")
    field_type: Text = Field(
        "text",
        title="Kind",
        description="text, textarea, number, email, password, date, dropdown, checkbox, radio, file, html or hidden.",
        json_schema_extra=ui(widget="choice"),
    )
    placeholder: Text = Field("", title="Placeholder", description="Shown while the field is empty.")
    default_value: Text = Field("", title="Default", description="What the field holds at first.")
    required_field: Flag = Field(False, title="Required", description="The form cannot be sent without it.")
    field_options: Annotated[FormChoices, AsGroup] = Field(
        default_factory=lambda: FormChoices.model_validate({}), title="Choices", description="What to choose from."
    )
    multiselect: Flag = Field(False, title="Several choices", description="More than one may be chosen.")
    multiple_files: Flag = Field(True, title="Several files", description="More than one file may be sent.")
    accept_file_types: Text = Field("", title="File types", description="Endings, separated by commas.")
    format_date: Text = Field("", title="Date format", description="How the date is written.")
    field_value: Text = Field("", title="Hidden value", description="Value of a hidden field.")
    element_name: Text = Field("", title="Element name", description="Name of an HTML element.")
    html: Text = Field("", title="HTML", description="Shown between the fields.")


class FormFields(Params):
    values: Annotated[list[FormField], AsList] = Field(
        default_factory=list, title="Fields", description="One field per row."
    )


def field_names(fields: FormFields) -> list[str]:
    """The names of the values the form gives."""
    return [field.field_name or field.field_label for field in fields.values if field.field_type != "html"]


def fields_from_json(raw: Any) -> FormFields:
    """Fields that were written as a JSON list."""
    return FormFields.model_validate({"values": raw if isinstance(raw, list) else []})
