import pytest

from workflows_app.forms import ImportForm, SetupForm

pytestmark = pytest.mark.app


def form_for(typed: str | None = None, **variable) -> SetupForm:
    data = None if typed is None else {"variable-0": typed}
    return SetupForm([{"name": "it", "label": "It", **variable}], data)


def valid(form: SetupForm):
    assert form.is_valid(), form.errors
    return form.values()["it"]


@pytest.mark.parametrize(
    "kind, typed, value",
    [
        ("text", "Hello ", "Hello "),
        ("number", "3", 3),
        ("number", "3.5", 3.5),
        ("email", "a@b.example", "a@b.example"),
        ("url", "https://a.example/x", "https://a.example/x"),
        ("time", "08:30", "08:30"),
        ("list", "one\n\n two ", ["one", "two"]),
        ("json", '{"a": [1]}', {"a": [1]}),
        ("boolean", "on", True),
        ("unheard of", "x", "x"),
    ],
)
def test_each_type_gives_its_value(kind, typed, value):
    assert valid(form_for(typed, type=kind)) == value


@pytest.mark.parametrize(
    "kind, typed",
    [("number", "three"), ("email", "maya"), ("url", "not a link"), ("time", "25:00"), ("json", "{a}")],
)
def test_a_wrong_value_is_refused_beside_its_field(kind, typed):
    form = form_for(typed, type=kind)
    assert not form.is_valid()
    form.focus_first_error()
    assert 'aria-invalid="true"' in str(form["variable-0"])
    assert "autofocus" in str(form["variable-0"])


def test_a_choice_offers_its_words():
    form = form_for("b", type="choice", choices=["a", {"value": "b", "label": "Second"}])
    assert "Second" in str(form["variable-0"])
    assert valid(form) == "b"
    assert not form_for("c", type="choice", choices=["a"]).is_valid()


def test_an_expression_stays_a_text_whatever_its_type():
    assert valid(form_for("={{ $json.n }}", type="number", value="={{ $json.n }}")) == "={{ $json.n }}"


def test_required_values_must_be_there_and_switches_may_be_off():
    assert not form_for("", type="text", required=True).is_valid()
    assert form_for("", type="boolean", required=True).is_valid()
    assert valid(form_for("", type="json")) is None


def test_the_current_value_is_filled_in():
    assert "one\ntwo" in str(form_for(type="list", value=["one", "two"])["variable-0"])
    assert "&quot;a&quot;" in str(form_for(type="json", value={"a": 1})["variable-0"])


def test_help_of_an_author_is_no_markup():
    assert "<b>" not in form_for(help="<b>bold</b>").fields["variable-0"].help_text


def test_a_long_text_gets_a_large_field():
    assert "textarea" in str(form_for(value="x" * 200)["variable-0"])


def test_an_import_needs_a_text_or_a_file():
    assert "Paste" in ImportForm({"text": "  "}).errors["text"][0]
    form = ImportForm({"text": "{}"})
    assert form.is_valid()
    assert form.cleaned_data["text"] == "{}"
