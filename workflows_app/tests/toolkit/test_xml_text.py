"""XML to values and back."""

from typing import Any

import pytest

from workflows_app.engine.errors import ParameterError, PumpFlixError, UserError
from workflows_app.toolkit import xml_text
from workflows_app.toolkit.xml_text import MAX_DEPTH, Reading, Writing, parse_xml, write_xml

pytestmark = pytest.mark.nodes


@pytest.mark.parametrize(
    "text, value",
    [
        ("<a/>", {"a": ""}),
        ("<a>1</a>", {"a": "1"}),
        ("<a> </a>", {"a": " "}),
        ("<a><b>1</b><b>2</b><b>3</b></a>", {"a": {"b": ["1", "2", "3"]}}),
        ("<a x='1'>t</a>", {"a": {"x": "1", "_": "t"}}),
        ("<a x='1'><x>2</x></a>", {"a": {"x": ["1", "2"]}}),
        ("<n:a xmlns:n='u'><n:b/></n:a>", {"n:a": {"xmlns:n": "u", "n:b": ""}}),
        ("<a>&lt;&#65;</a>", {"a": "<A"}),
        ('<?xml version="1.0" encoding="UTF-16"?><a>ä</a>', {"a": "ä"}),
        ("\ufeff<a>x<b/>y</a>", {"a": {"b": "", "_": "xy"}}),
    ],
)
def test_elements_become_fields(text: str, value: Any) -> None:
    assert parse_xml(text, Reading()) == value


@pytest.mark.parametrize(
    "how, value",
    [
        (Reading(merge_attrs=False), {"A": {"$": {"x": "1"}, "b": [" t  u ", "v"]}}),
        (Reading(merge_attrs=False, attr_key="@"), {"A": {"@": {"x": "1"}, "b": [" t  u ", "v"]}}),
        (Reading(ignore_attrs=True), {"A": {"b": [" t  u ", "v"]}}),
        (Reading(explicit_array=True), {"A": {"x": ["1"], "b": [" t  u ", "v"]}}),
        (Reading(explicit_root=False, normalize=True), {"x": "1", "b": ["t u", "v"]}),
        (Reading(normalize_tags=True, trim=True), {"a": {"x": "1", "b": ["t  u", "v"]}}),
    ],
)
def test_options_of_reading(how: Reading, value: Any) -> None:
    assert parse_xml("<A x='1'><b> t  u </b><b>v</b></A>", how) == value


@pytest.mark.parametrize(
    "text, code",
    [
        ("<a><b></a>", "xml_invalid"),
        ("", "xml_invalid"),
        ("<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>", "xml_refused"),
        ("<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><a>&x;</a>", "xml_refused"),
        ("<a>" * (MAX_DEPTH + 1), "file_too_large"),
    ],
)
def test_what_is_broken_or_costly_is_refused(text: str, code: str) -> None:
    with pytest.raises(UserError) as caught:
        parse_xml(text, Reading())
    assert caught.value.instance_code == code


def test_size_and_number_of_elements_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xml_text, "MAX_ELEMENTS", 3)
    with pytest.raises(UserError, match="too many elements"):
        parse_xml("<a><b/><b/><b/></a>", Reading())
    monkeypatch.setattr(xml_text, "MAX_BYTES", 3)
    with pytest.raises(UserError, match="too large"):
        parse_xml("<a/>", Reading())


HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'


@pytest.mark.parametrize(
    "value, text",
    [
        ({"a": 1}, "<a>1</a>"),
        ({"a": {"b": None, "c": True}}, "<a>\n  <b/>\n  <c>true</c>\n</a>"),
        ({"a": 1, "b": [2, 3]}, "<root>\n  <a>1</a>\n  <b>2</b>\n  <b>3</b>\n</root>"),
        ({"a": {"$": {"x": 'say "<hi>"'}, "_": "t & u"}}, '<a x="say &quot;&lt;hi&gt;&quot;">t &amp; u</a>'),
        ({"a": {"_": "t", "b": 1}}, "<a>t<b>1</b></a>"),
        ({"a": [{"b": 1}, {"b": 2}]}, "<a>\n  <b>1</b>\n</a>\n<a>\n  <b>2</b>\n</a>"),
        ({"a": "x\x00y\r"}, "<a>xy&#xD;</a>"),
        ({"a": {"$": {"x": "1\t2\n3\r"}}}, '<a x="1&#x9;2&#xA;3&#xD;"/>'),
    ],
)
def test_fields_become_elements(value: dict[str, Any], text: str) -> None:
    assert write_xml(value, Writing()) == HEAD + text


def test_options_of_writing() -> None:
    how = Writing(root_name="list", cdata=True, headless=True, attr_key="@", char_key="#")
    value = {"a": {"@": {"x": 1}, "#": "b > ]]>"}}
    assert write_xml(value, how) == '<list>\n  <a x="1"><![CDATA[b > ]]]]><![CDATA[>]]></a>\n</list>'


@pytest.mark.parametrize("value", [{"a b": 1}, {"a": {"1": 1}}, {"a": {"$": {"<": 1}}}])
def test_names_that_xml_does_not_allow(value: dict[str, Any]) -> None:
    with pytest.raises(ParameterError, match="cannot be the name"):
        write_xml(value, Writing())


def test_depth_of_data_is_bounded() -> None:
    value: dict[str, Any] = {"a": 1}
    for _ in range(MAX_DEPTH + 2):
        value = {"a": value}
    with pytest.raises(PumpFlixError, match="nested too deeply"):
        write_xml(value, Writing())
