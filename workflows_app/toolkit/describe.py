"""Plain sentences about nodes, for the list of what a workflow does: one function per kind of node, called by the node
types. They read stored parameters; nothing is resolved."""

from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any

from workflows_app.engine.items import JsonObject
from workflows_app.engine.workflow import Node
from workflows_app.toolkit.paths import names
from workflows_app.toolkit.phrases import COMPUTED, counted, enumerated, host_of, is_expression, named, shown


def sentence(describer: Callable[[Node], str]) -> Callable[[Node], str]:
    """Ends what the function says with a full stop."""

    @wraps(describer)
    def told(node: Node) -> str:
        return f"{describer(node)}."

    return told


def rows(value: Any, *path: str) -> list[JsonObject]:
    """The list of objects at that path of stored parameters; empty where it is anything else."""
    for step in path:
        value = value.get(step) if isinstance(value, dict) else None
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []


# triggers and answers -----------------------------------------------------------------------------------------------
def manual(_node: Node) -> str:
    return "Start when someone presses Run."


@sentence
def webhook(node: Node) -> str:
    params = node.parameters
    method = params.get("httpMethod") or "GET"
    shown_method = " or ".join(map(str, method)) if isinstance(method, list) else str(method)
    return f"Start when {shown_method} /{str(params.get('path') or '').strip('/')} is called"


@sentence
def respond(node: Node) -> str:
    params = node.parameters
    kind = ANSWERS.get(str(params.get("respondWith") or "firstIncomingItem"), "an answer")
    code = (params.get("options") or {}).get("responseCode")
    return f"Answer the caller with {kind}" + (f", status {code}" if code and not is_expression(code) else "")


ANSWERS = {
    "allIncomingItems": "all items",
    "firstIncomingItem": "the first item",
    "json": "JSON",
    "text": "text",
    "noData": "nothing but a status",
    "redirect": "another address",
    "binary": "a file",
    "jwt": "a signed token",
}


# fields -------------------------------------------------------------------------------------------------------------
@sentence
def set_fields(node: Node) -> str:
    params = node.parameters
    if params.get("mode") == "raw":
        return "Write each item as JSON"
    given = rows(params.get("assignments"), "assignments") or rows(params.get("fields"), "values")
    given = given or [row for kind in ("boolean", "number", "string") for row in rows(params.get("values"), kind)]
    fields = list(dict.fromkeys(named(row.get("name")) for row in given if row.get("name")))
    if node.name == "Variables":
        return f"Set the variables {enumerated(fields)}" if fields else "Set the variables"
    keeps = params.get("includeOtherFields") is True or (node.type_version < 3 and not params.get("keepOnlySet"))
    if not fields:
        return "Keep only some fields" if not keeps else "Pass items on"
    return f"Set {enumerated(fields)}" if keeps else f"Make items with {enumerated(fields)}"


@sentence
def split_out(node: Node) -> str:
    params = node.parameters
    return f"Make an item of each entry in {enumerated(names(params.get('fieldToSplitOut'))) or 'a list'}"


@sentence
def aggregate(node: Node) -> str:
    params = node.parameters
    if params.get("aggregate") == "aggregateAllItemData":
        return f"Collect all items into one list, '{params.get('destinationFieldName') or 'data'}'"
    fields = [str(row.get("fieldToAggregate")) for row in rows(params.get("fieldsToAggregate"), "fieldToAggregate")]
    return f"Collect {enumerated(fields) or 'fields'} of all items into lists"


@sentence
def sort(node: Node) -> str:
    params = node.parameters
    if params.get("type") in ("random", "code"):
        return "Put items in a random order" if params["type"] == "random" else "Sort items by code"
    fields = [
        f"{row.get('fieldName')}{' (largest first)' if row.get('order') == 'descending' else ''}"
        for row in rows(params.get("sortFieldsUi"), "sortField")
    ]
    return f"Sort items by {enumerated(fields) or 'a field'}"


@sentence
def limit(node: Node) -> str:
    params = node.parameters
    end = "last" if params.get("keep") == "lastItems" else "first"
    number = params.get("maxItems", 1)
    if is_expression(number):
        return f"Keep only so many of the {end} items"
    return f"Keep the {end} item" if str(number) == "1" else f"Keep the {end} {counted(number, 'item', 'items')}"


@sentence
def remove_duplicates(node: Node) -> str:
    params = node.parameters
    if params.get("operation") == "removeItemsSeenInPreviousExecutions":
        return "Drop items that earlier runs have seen"
    if params.get("compare") == "selectedFields":
        return f"Drop items with the same {enumerated(names(params.get('fieldsToCompare'))) or 'fields'}"
    return "Drop items that are there twice"


@sentence
def code(node: Node) -> str:
    params = node.parameters
    language = "Python" if str(params.get("language") or "").startswith("python") else "JavaScript"
    each = params.get("mode") == "runOnceForEachItem"
    return f"Run {language} of its own{' for each item' if each else ''}"


# conditions ---------------------------------------------------------------------------------------------------------
COMPARISONS = {
    "equals": "is", "notEquals": "is not", "equal": "is", "notEqual": "is not",
    "contains": "contains", "notContains": "does not contain", "startsWith": "begins with",
    "notStartsWith": "does not begin with", "endsWith": "ends with", "notEndsWith": "does not end with",
    "regex": "matches", "notRegex": "does not match", "gt": "is above", "larger": "is above", "lt": "is below",
    "smaller": "is below", "gte": "is at least", "largerEqual": "is at least", "lte": "is at most",
    "smallerEqual": "is at most", "after": "is after", "before": "is before", "afterOrEquals": "is not before",
    "beforeOrEquals": "is not after", "lengthEquals": "has a length of", "lengthNotEquals": "has a length other than",
    "lengthGt": "is longer than", "lengthLt": "is shorter than", "lengthGte": "has a length of at least",
    "lengthLte": "has a length of at most",
}  # fmt: skip
VERDICTS = {
    "exists": "is there",
    "notExists": "is not there",
    "empty": "is empty",
    "notEmpty": "is not empty",
    "isEmpty": "is empty",
    "isNotEmpty": "is not empty",
    "true": "is true",
    "false": "is false",
}


def verdict(left: Any, operation: str, right: Any) -> str:
    if operation in VERDICTS:
        return f"{shown(left)} {VERDICTS[operation]}"
    return f"{shown(left)} {COMPARISONS.get(operation, operation)} {shown(right)}"


def condition_text(params: JsonObject) -> str:
    """The conditions of IF and Filter, of either generation, as half a sentence."""
    stored = params.get("conditions")
    found = [
        verdict(
            row.get("leftValue"), str((row.get("operator") or {}).get("operation") or "equals"), row.get("rightValue")
        )
        for row in rows(stored, "conditions")
    ]
    joint = "or" if isinstance(stored, dict) and stored.get("combinator") == "or" else "and"
    for kind, usual in (("boolean", "equal"), ("dateTime", "after"), ("number", "smaller"), ("string", "equal")):
        found += [
            verdict(row.get("value1"), str(row.get("operation") or usual), row.get("value2"))
            for row in rows(stored, kind)
        ]
    if params.get("combineOperation") == "any" or params.get("combineConditions") == "OR":
        joint = "or"
    return enumerated(without_computed(found), most=3, joint=joint)


def without_computed(found: list[str]) -> list[str]:
    """Several conditions on computed values say nothing one by one; they are counted."""
    told = [text for text in found if not text.startswith(COMPUTED)]
    unnamed = len(found) - len(told)
    return found if unnamed < 2 else [*told, f"{unnamed} conditions on computed values hold"]


@sentence
def branch(node: Node) -> str:
    params = node.parameters
    return f"Check whether {condition_text(params) or 'a condition holds'}"


@sentence
def keep_where(node: Node) -> str:
    params = node.parameters
    return f"Keep items where {condition_text(params) or 'a condition holds'}"


# lists together -----------------------------------------------------------------------------------------------------
@sentence
def merge(node: Node) -> str:
    params = node.parameters
    mode = str(params.get("mode") or "append")
    by = str(params.get("combineBy") or params.get("combinationMode") or "combineByFields")
    if mode == "combine" and by in ("combineByFields", "mergeByFields"):
        return f"Join the inputs by {enumerated(list(match_fields(params))) or 'fields'}"
    if mode == "combine":
        return "Join the inputs item by item" if "osition" in by else "Join every item with every item"
    return MERGES.get(mode, "Bring the inputs together")


MERGES = {
    "append": "Append the inputs to each other",
    "chooseBranch": "Wait for all inputs and pass one of them on",
    "combineBySql": "Join the inputs by SQL",
    "wait": "Wait for both inputs",
    "passThrough": "Wait for both inputs and pass one of them on",
}


def match_fields(params: JsonObject) -> Iterable[str]:
    yield from names(params.get("fieldsToMatchString"))
    for row in rows(params.get("mergeByFields"), "values"):
        left, right = str(row.get("field1")), str(row.get("field2"))
        yield left if left == right else f"{left} = {right}"


@sentence
def compare_datasets(node: Node) -> str:
    params = node.parameters
    return f"Compare two lists by {enumerated(list(match_fields(params))) or 'a field'}"


@sentence
def loop(node: Node) -> str:
    params = node.parameters
    return f"Go through the items, {counted(params.get('batchSize', 1), 'item', 'items')} at a time"


# files and the world ------------------------------------------------------------------------------------------------
@sentence
def extract(node: Node) -> str:
    params = node.parameters
    return EXTRACTS.get(str(params.get("operation") or "csv"), "Read the file")


EXTRACTS = {
    "csv": "Split the CSV file into rows", "html": "Read the rows of the first table of a page",
    "xlsx": "Split the spreadsheet into rows", "xls": "Split the spreadsheet into rows",
    "ods": "Split the spreadsheet into rows", "fromJson": "Read the JSON file", "text": "Read the text of the file",
    "xml": "Read the text of the XML file", "pdf": "Read the text of the PDF",
    "binaryToPropery": "Turn the file into Base64 text", "fromIcs": "Read the calendar file",
    "rtf": "Read the RTF file",
}  # fmt: skip


@sentence
def convert(node: Node) -> str:
    params = node.parameters
    kind = CONVERTS.get(str(params.get("operation") or "csv"), "a file")
    name = (params.get("options") or {}).get("fileName")
    return f"Write {kind}" + (f", {name}" if name and not is_expression(name) else "")


CONVERTS = {
    "csv": "a CSV file of all items", "html": "a page with a table of all items", "xlsx": "a spreadsheet of all items",
    "xls": "a spreadsheet of all items", "ods": "a spreadsheet of all items", "toJson": "a JSON file",
    "toText": "a text file", "toBinary": "a file from Base64 text", "iCal": "a calendar file", "rtf": "an RTF file",
}  # fmt: skip


@sentence
def http(node: Node) -> str:
    params = node.parameters
    method = str(params.get("method") or params.get("requestMethod") or "GET")
    host = host_of(params.get("url")) or "an address from the data"
    verb = {"GET": "Get data from", "POST": "Send data to", "DELETE": "Delete at", "HEAD": "Look at"}
    return f"{verb.get(method, 'Change data at')} {host}"


@sentence
def html(node: Node) -> str:
    params = node.parameters
    operation = params.get("operation")
    if operation == "extractHtmlContent":
        keys = [str(row.get("key")) for row in rows(params.get("extractionValues"), "values")]
        return f"Pick {enumerated(keys) or 'values'} out of a page"
    return "Make an HTML table of all items" if operation == "convertToHtmlTable" else "Fill in an HTML page"
