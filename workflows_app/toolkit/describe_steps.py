"""Plain sentences about nodes that steer a run or change values, as `describe` has them for the others."""

from typing import Any

from workflows_app.engine.workflow import Node
from workflows_app.toolkit.describe import rows, sentence
from workflows_app.toolkit.occurrences import RuleInvalid
from workflows_app.toolkit.paths import names
from workflows_app.toolkit.phrases import counted, enumerated, is_expression, named, shown
from workflows_app.toolkit.schedule_rules import rules_of
from workflows_app.toolkit.schedule_rules import sentence as rule_sentence

UNITS = {"seconds": "second", "minutes": "minute", "hours": "hour", "days": "day", "weeks": "week", "months": "month"}
RESULTS = {
    "append": "the list of", "average": "the average of", "concatenate": "the joined", "count": "the number of",
    "countUnique": "the number of different", "max": "the largest", "min": "the smallest", "sum": "the sum of",
}  # fmt: skip
DATES = {
    "getCurrentDate": "Note the date and time", "addToDate": "Add to a date",
    "subtractFromDate": "Subtract from a date",
    "formatDate": "Write a date in another form", "roundDate": "Round a date",
    "getTimeBetweenDates": "Measure the time between two dates", "extractDate": "Take a part of a date",
    "calculate": "Add to a date or subtract from it", "format": "Write a date in another form",
}  # fmt: skip


@sentence
def switch(node: Node) -> str:
    if node.parameters.get("mode") == "expression":
        return "Send each item to the output that an expression gives"
    rules = rows(node.parameters, "rules", "values") or rows(node.parameters, "rules", "rules")
    outputs = [
        str(rule["outputKey"]) for rule in rules if rule.get("outputKey") and not is_expression(rule["outputKey"])
    ]
    if outputs and len(outputs) == len(rules):
        return f"Send each item to {enumerated(list(dict.fromkeys(outputs)), joint='or')}"
    return (
        f"Send each item to one of {counted(len(rules), 'output', 'outputs')}, by rules" if rules else "Drop all items"
    )


def length(amount: Any, unit: Any) -> str:
    if is_expression(amount) or is_expression(unit) or str(unit) not in UNITS:
        return "a while"
    return counted(amount, UNITS[str(unit)], f"{UNITS[str(unit)]}s")


@sentence
def wait(node: Node) -> str:
    params = node.parameters
    resume = params.get("resume") or "timeInterval"
    if resume == "timeInterval":
        amount, unit = (1, "hours") if node.type_version < 1.1 else (5, "seconds")
        return f"Wait for {length(params.get('amount', amount), params.get('unit') or unit)}"
    return {"specificTime": "Wait until a set time", "form": "Wait until a form is sent"}.get(
        str(resume), "Wait until the resume address is called"
    )


@sentence
def delay(node: Node) -> str:
    return f"Wait for {length(node.parameters.get('seconds', 1), 'seconds')}"


@sentence
def stop(node: Node) -> str:
    message = node.parameters.get("errorMessage")
    if not message or is_expression(message):
        return "End the run with an error"
    return f"End the run with the error {shown(message)}"


@sentence
def summarize(node: Node) -> str:
    wanted = [
        f"{RESULTS.get(str(row.get('aggregation') or 'count'), 'a total of')} {named(row.get('field') or 'the items')}"
        for row in rows(node.parameters, "fieldsToSummarize", "values")
    ]
    groups = node.parameters.get("fieldsToSplitBy")
    by = f" for each {enumerated(names(groups))}" if groups and not is_expression(groups) else ""
    return f"Compute {enumerated(wanted)}{by}" if wanted else "Compute totals"


@sentence
def rename(node: Node) -> str:
    pairs = [
        f"{named(row['currentKey'])} to {named(row['newKey'])}"
        for row in rows(node.parameters, "keys", "key")
        if row.get("currentKey") and row.get("newKey")
    ]
    return f"Rename {enumerated(pairs)}" if pairs else "Rename fields"


@sentence
def date_time(node: Node) -> str:
    params = node.parameters
    chosen = params.get("action") or "format" if node.type_version < 2 else params.get("operation") or "getCurrentDate"
    return DATES.get(str(chosen), "Work with dates")


@sentence
def crypto(node: Node) -> str:
    params = node.parameters
    action = str(params.get("action") or "hash")
    if action == "generate":
        return "Make up a random text"
    if action == "sign":
        return "Sign a text with a private key"
    kind = params.get("type") or "MD5"
    subject = "file" if params.get("binaryData") else "text"
    return f"Compute the hash of a {subject}" if is_expression(kind) else f"Compute the {kind} hash of a {subject}"


NO_ZONE = "-"
TABLE_READS = {
    "get": "Read rows of", "rowExists": "Go on if there is a row in", "rowNotExists": "Go on if no row is in",
}  # fmt: skip
TABLE_WRITES = {
    "insert": "Add a row to", "append": "Add a row to", "update": "Change rows of",
    "upsert": "Add or change rows of", "deleteRows": "Delete rows of",
}  # fmt: skip


@sentence
def schedule(node: Node) -> str:
    """The times without their zone: whose it is depends on who switches the workflow on."""
    try:
        rules = [rule_sentence(rule).removesuffix(NO_ZONE).rstrip(" ,") for rule in rules_of(node, NO_ZONE)]
    except RuleInvalid:
        rules = []
    if not rules:
        return "Start at set times"
    first, *others = rules
    return enumerated([first, *(rule[:1].lower() + rule[1:] for rule in others)])


@sentence
def data_table(node: Node) -> str:
    params = node.parameters
    verb = (TABLE_READS | TABLE_WRITES).get(str(params.get("operation") or "insert"), "Use")
    chosen = params.get("dataTableId")
    name = (chosen.get("cachedResultName") or chosen.get("value")) if isinstance(chosen, dict) else chosen
    table = "a data table" if not name or is_expression(name) else f"the data table {shown(name)}"
    where = names([row.get("keyName") or "" for row in rows(params.get("filters"), "conditions")])
    return f"{verb} {table}" + (f" picked by {enumerated(where)}" if where else "")


@sentence
def mail(node: Node) -> str:
    """What is sent and to whom, where that is not computed."""
    params = node.parameters
    verb = "Mail a question and wait for the answer" if params.get("operation") == "sendAndWait" else "Mail each item"
    to, subject = params.get("toEmail"), params.get("subject")
    said = f" to {shown(to).strip(chr(39))}" if to and not is_expression(to) else ""
    return verb + said + (f", subject {shown(subject)}" if subject and not is_expression(subject) else "")
