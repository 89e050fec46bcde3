"""How a node type looks: its icon and its silhouette, told from its name. Types nobody listed get a fair guess."""

# By the last part of the type name, so that "n8n-nodes-base.set" and a later package share a line.
_LOOKS: dict[str, tuple[str, str]] = {
    "manualTrigger": ("n-manual", "trigger"),
    "webhook": ("n-webhook", "trigger"),
    "scheduleTrigger": ("n-schedule", "trigger"),
    "cron": ("n-schedule", "trigger"),
    "interval": ("n-schedule", "trigger"),
    "start": ("n-manual", "trigger"),
    "formTrigger": ("n-form", "trigger"),
    "errorTrigger": ("n-error", "trigger"),
    "executeWorkflowTrigger": ("n-sub", "trigger"),
    "chatTrigger": ("n-chat", "trigger"),
    "httpRequest": ("n-http", "world"),
    "emailSend": ("n-mail", "world"),
    "gmail": ("n-mail", "world"),
    "slack": ("n-chat", "world"),
    "telegram": ("n-chat", "world"),
    "discord": ("n-chat", "world"),
    "mattermost": ("n-chat", "world"),
    "respondToWebhook": ("n-respond", "world"),
    "rssFeedRead": ("n-feed", "world"),
    "rssFeedReadTrigger": ("n-feed", "trigger"),
    "if": ("n-if", "choice"),
    "switch": ("n-switch", "choice"),
    "filter": ("n-filter", "choice"),
    "stopAndError": ("n-stop", "choice"),
    "wait": ("n-wait", "choice"),
    "delay": ("n-wait", "choice"),
    "dataTable": ("n-table", "keep"),
    "googleSheets": ("n-table", "keep"),
    "airtable": ("n-table", "keep"),
    "postgres": ("n-table", "keep"),
    "mySql": ("n-table", "keep"),
    "extractFromFile": ("n-file", "keep"),
    "convertToFile": ("n-file", "keep"),
    "readWriteFile": ("n-file", "keep"),
    "spreadsheetFile": ("n-file", "keep"),
    "readBinaryFile": ("n-file", "keep"),
    "writeBinaryFile": ("n-file", "keep"),
    "googleDrive": ("n-file", "keep"),
    "agent": ("n-ai", "model"),
    "openAi": ("n-ai", "model"),
    "code": ("n-code", "shape"),
    "function": ("n-code", "shape"),
    "functionItem": ("n-code", "shape"),
    "merge": ("n-merge", "shape"),
    "html": ("n-html", "shape"),
    "htmlExtract": ("n-html", "shape"),
    "sort": ("n-sort", "shape"),
    "summarize": ("n-sum", "shape"),
    "removeDuplicates": ("n-dedupe", "shape"),
    "splitOut": ("n-split", "shape"),
    "itemLists": ("n-split", "shape"),
    "aggregate": ("n-agg", "shape"),
    "limit": ("n-limit", "shape"),
    "crypto": ("n-crypto", "shape"),
    "dateTime": ("n-date", "shape"),
    "markdown": ("n-md", "shape"),
    "set": ("n-set", "shape"),
    "renameKeys": ("n-set", "shape"),
    "executeWorkflow": ("n-sub", "shape"),
    "compareDatasets": ("n-compare", "shape"),
    "splitInBatches": ("n-loop", "shape"),
    "noOp": ("n-noop", "shape"),
    "debug": ("n-noop", "shape"),
    "xml": ("n-xml", "shape"),
    "stickyNote": ("n-note", "shape"),
}


def looks_of(type_name: str) -> tuple[str, str]:
    """`(icon, role)` of a node type by its full stored name."""
    package, _, short = type_name.rpartition(".")
    if known := _LOOKS.get(short):
        return known
    if short.lower().endswith("trigger"):
        return "n-webhook", "trigger"
    if "langchain" in package.lower():
        return "n-ai", "model"
    return "n-app", "world"
