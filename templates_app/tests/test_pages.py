import pytest

from pumpflix.lib.drawing import OutputPanel
from templates_app.labels import label_of
from templates_app.models import Template, TemplateVersion
from templates_app.pages import needs, output_panel, sample_result


def lines(touches) -> list[tuple[str, str]]:
    return [(fact.term, fact.text) for fact in label_of(touches)]


def test_a_label_without_contacts_says_so():
    assert lines({"hosts": []}) == [("Contacts", "no other server")]


def test_a_label_lists_hosts_and_what_is_decided_later():
    found = {"hosts": ["a.example", "b.example"], "dynamic": ["$json.url"], "code": ["Compare"], "odd": {"x": 1}}
    assert lines(found) == [
        ("Contacts", "a.example, b.example"),
        ("Depends on", "$json.url"),
        ("Runs its own code in", "Compare"),
    ]


def version(**fields) -> TemplateVersion:
    return TemplateVersion(number=1, **fields)


@pytest.mark.parametrize(
    "variable, text",
    [
        ({"label": "Name", "default": "clean.csv"}, "filled in: clean.csv"),
        ({"label": "Name", "example": "x"}, "filled in: x"),
        ({"label": "Name", "help": "Yours"}, "Yours"),
        ({"name": "Name"}, "yours"),
        ({"label": "Name", "default": [{"a": 1}, {"a": 2}]}, "filled in: 2 entries"),
        ({"label": "Name", "default": {"a": 1}}, "filled in: 1 field"),
        ({"label": "Name", "default": "a\n  b" + "c" * 90}, "filled in: a b" + "c" * 56 + "…"),
    ],
)
def test_needs_say_what_is_filled_in(variable, text):
    (first, *_) = needs(Template(minutes_to_set_up=1), version(variables=[variable]))
    assert (first.term, first.text) == ("Name", text)


def test_needs_name_credentials():
    facts = needs(Template(minutes_to_set_up=3), version(required_credentials=["slackApi"]))
    assert [(fact.term, fact.text) for fact in facts] == [
        ("Credential", "Slack"),
        ("Accounts", "as named above"),
        ("Time", "about 3 min"),
    ]


def test_a_table_names_its_cells():
    result = sample_result(version(facts={"result": {"kind": "table", "columns": ["a"], "rows": [["1"]]}}))
    assert (result.kind, result.records[0][0].column, result.records[0][0].text) == ("table", "a", "1")


def test_without_facts_there_is_no_result():
    assert sample_result(version(facts={})).kind == ""


@pytest.mark.parametrize(
    "raw, panel",
    [
        ({"kind": "table", "total": 7, "rows": [["a", 1, "b", "c"]]}, OutputPanel("7 items", (("a", "1", "b"),))),
        ({"kind": "file", "name": "a.csv", "text": "x\n\ny"}, OutputPanel("a.csv", (("x",), ("y",)))),
        ({"kind": "answer", "status": 200, "text": ""}, OutputPanel("Answer 200", ())),
        ({"kind": "page", "html": "<h3>A &amp; B</h3>\n<p>c</p>"}, OutputPanel("Result", (("A & B",), ("c",)))),
        ({"kind": "mail", "total": 2, "mails": [{"subject": "Hello"}]}, OutputPanel("2 mails", (("Hello",),))),
        ({}, OutputPanel("Result", ())),
    ],
)
def test_the_last_frame_shows_the_first_rows(raw, panel):
    assert output_panel(raw) == panel
