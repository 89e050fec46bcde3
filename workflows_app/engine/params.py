"""The parameter model of a node type: declared once, it validates, draws the form, documents and fills the schema."""

from typing import Any

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

UI_KEY = "x-ui"


class Params(BaseModel):
    """Base of every parameter model: frozen, camelCase outside, snake_case inside. Unknown keys are kept out of the
    model but stay in the workflow's JSON, so a parameter of a later version survives a round trip."""

    model_config = ConfigDict(
        frozen=True, alias_generator=to_camel, populate_by_name=True, extra="ignore", arbitrary_types_allowed=False
    )


def ui(  # noqa: PLR0913  keyword-only, one per hint
    *,
    labels: list[str] | None = None,
    widget: str = "",
    visible_when: dict[str, list[Any]] | None = None,
    rows: int = 0,
    options_from: str = "",
    placeholder: str = "",
    language: str = "",
    no_expression: bool = False,
    json_text: bool = False,
) -> dict[str, Any]:
    """Builder hints for one field, as `json_schema_extra`. `no_expression`: a leading `=` is part of the text.
    `json_text`: the text is JSON, and the values of expressions in it are written as JSON."""
    hints = {
        "labels": labels,
        "widget": widget,
        "visibleWhen": visible_when,
        "rows": rows,
        "optionsFrom": options_from,
        "placeholder": placeholder,
        "language": language,
        "noExpression": no_expression,
        "jsonText": json_text,
    }
    return {UI_KEY: {key: value for key, value in hints.items() if value}}
