"""Words people use for what titles do: stop words, and groups of words that mean the same here. Kept by hand."""

STOPPED = """
a an and are at be been by can do does every for from get has have how i if in into is it its me my not of on or our so
that the their them then there they this to us want was we what when where which who will with you your
"""
STOP_WORDS = frozenset(STOPPED.split())

# Every word of a line stands for every other, a little weaker than itself.
MEANINGS = (
    "spreadsheet csv table excel sheet column",
    "tidy clean cleanup clean-up trim normalise normalize messy",
    "duplicate duplicates repeats dedupe unique twice",
    "compare diff difference differences changed changes drift",
    "api webhook link integration hook endpoint",
    "reply answer respond response",
    "remind reminder reminders chase chaser nudge dunning overdue late follow-up",
    "paid pay payment payments unpaid owe owed due invoice invoices overdue bill billing debt",
    "money invoice invoices finance accounting cost costs spend expense expenses price",
    "mail email e-mail newsletter outbox inbox message messages",
    "notify alert alarm warn tell warning notification ping",
    "watch monitor check uptime down outage track observe",
    "people customer customers client clients contact contacts person user users",
    "schedule daily weekly every-day morning cron timer calendar",
    "merge combine join unify match reconcile reconciliation",
    "summarise summarize summary digest brief report overview statistics",
    "form survey signup sign-up registration intake questionnaire answers feedback",
    "expire expires expiry expiring renew renewal renewals contract contracts",
    "log logs errors error failure failures exception",
    "extract parse parser read scrape fields",
    "anonymise anonymize privacy pseudonym personal gdpr",
    "ai model llm gpt assistant chat language",
    "weather rain frost temperature sensor threshold",
    "translate translation language",
    "score scoring rank rating qualify lead leads",
    "approve approval sign-off permission confirm",
)


def meanings() -> dict[str, frozenset[str]]:
    """The other words of every line a word stands in."""
    found: dict[str, set[str]] = {}
    for line in MEANINGS:
        words = line.split()
        for word in words:
            found.setdefault(word, set()).update(other for other in words if other != word)
    return {word: frozenset(others) for word, others in found.items()}


SAME = meanings()
