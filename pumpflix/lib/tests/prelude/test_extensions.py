"""n8n's data transformation functions, as its documentation describes them."""

import json

import pytest

from pumpflix.lib.tests.prelude.cases import read_cases
from pumpflix.lib.tests.prelude.realm import Failed, Realm


@pytest.mark.parametrize("code, value", read_cases("transformations"))
def test_a_function_gives(realm: Realm, code: str, value: str) -> None:
    result = realm.value("{{ " + code + " }}", {"name": "ann", "list": [1, 2]})
    assert result == json.loads(value)
    assert isinstance(result, bool) == (value in ("true", "false"))


@pytest.mark.parametrize(
    "code, message",
    [
        ("'x'.hash('nope')", "Unknown algorithm nope"),
        ("'{a'.parseJson()", "Parsing failed"),
        ("\"{'a': 1}\".parseJson()", "double quotes"),
        ("'x'.toInt()", "cannot convert to integer"),
        ("'1,5'.toFloat()", "expected . as decimal separator"),
        ("'x'.toFloat()", "cannot convert to float"),
        ("'x'.toNumber()", "cannot convert to number"),
        ("'x'.toDate()", "cannot convert to date"),
        ("'x'.toDateTime()", "cannot convert to Luxon DateTime"),
        ("'x'.toDateTime('yyyy')", "cannot convert to Luxon DateTime"),
        ("(5).toDateTime('weeks')", "Unsupported format 'weeks'"),
        ("(1.5).isEven()", "isEven() is only callable on integers"),
        ("(1.5).isOdd()", "isOdd() is only callable on integers"),
        ("[1, 'a'].sum()", "sum(): all array elements must be numbers"),
        ("[null].max()", "max(): all array elements must be numbers"),
        ("[1].chunk(0)", "chunk(): expected non-zero numeric arg"),
        ("[1].difference(1)", "difference(): expected array arg"),
        ("[1].merge({})", "merge(): expected array arg"),
        ("[{}].renameKeys('a')", "expected an even amount of args"),
        ("[{}].smartJoin('a')", "expected two string args"),
        ("({}).keepFieldsContaining('')", "must be a non-empty string"),
        ("({}).removeFieldsContaining('')", "expected non-empty string arg"),
        ("'2025-03-14T15:09:26.535Z'.toTitleCase()", 'toTitleCase() is only callable on type "String"'),
        ("(5).toNumber()", 'toNumber() is only callable on types "String", and "Boolean"'),
        ("'{]'.parseJson()", "Parsing failed"),
        ("'x'.hash('xyz')", "md5,sha1,sha224,sha256,sha384,sha512,sha3, and Base64."),
        ("'1711732132990'.toDateTime()", "cannot convert to Luxon DateTime"),
        ("$now.isBetween($now)", "expected exactly two args"),
        ("$now.diffTo($now, 'moons')", "Unsupported unit 'moons'"),
        ("$now.diffTo(5)", "cannot convert to Luxon DateTime"),
        ("zip([1], [])", "not of equal length"),
        ("$json.gone.toTitleCase()", "toTitleCase can't be used on undefined value"),
        ("null.sum()", "sum can't be used on null value"),
        ("(5).toTitleCase()", 'toTitleCase() is only callable on type "String"'),
        ("'x'.merge()", 'merge() is only callable on type "Array"'),
    ],
)
def test_a_function_refuses_what_it_cannot_handle(realm: Realm, code: str, message: str) -> None:
    with pytest.raises(Failed) as failed:
        realm.value("{{ " + code + " }}")
    assert message in str(failed.value)
    assert failed.value.kind == "ExpressionExtensionError"


def test_functions_never_shadow_data(realm: Realm) -> None:
    names = ["keys", "values", "hash", "format", "length", "isEmpty", "first", "sum"]
    assert realm.value("{{ [$json.keys, $json.hash, 'isEmpty' in $json, typeof ''.hash] }}", {}) == [
        None,
        None,
        False,
        "undefined",
    ]
    data = {name: index for index, name in enumerate(names)}
    assert realm.value("{{ $json }}", data) == json.loads(json.dumps(data))
    assert realm.value("{{ $json.keys + $json.sum }}", data) == 7
