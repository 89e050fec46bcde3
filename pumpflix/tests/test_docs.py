"""The hand-written pages: links lead somewhere, decisions have their form, and nothing that has a name is left out."""

import json
import re
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest
from django.core.management import get_commands, load_command_class

from executions_app.adapters.cassette import Cassette
from pumpflix.env import ROOT
from pumpflix.lib.safe_http import errors as outbound
from pumpflix.lib.sandbox import errors as sandbox
from pumpflix.supervisor.layout import QUEUES
from workflows_app import nodes
from workflows_app.engine import errors, events
from workflows_app.engine.plan import compile_workflow, make_plan
from workflows_app.engine.registry import Registry
from workflows_app.engine.run import run
from workflows_app.engine.workflow import Workflow
from workflows_app.services import imports
from workflows_app.tests.nodes.support import Result, World
from workflows_app.toolkit.compat import Verdict

DOCS = ROOT / "docs"
PAGES = [*sorted(DOCS.rglob("*.md")), ROOT / "README.md", ROOT / "CONTRIBUTING.md"]
DECISIONS = sorted((DOCS / "adr").glob("0*.md"))
PARTS = ["Context", "Decision", "Consequences", "Alternatives"]
OUR_APPS = ("accounts", "executions_app", "pumpflix", "templates_app", "workflows_app")
PROMISE = r"(Every trigger PumpFlix answers with 2xx .+? with `outcome_unknown` instead\.)"


def text_of(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def headings(text: str) -> list[str]:
    return re.findall(r"^## (.+)$", text, flags=re.MULTILINE)


def anchor(heading: str) -> str:
    """The fragment by which forges link to a heading."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def links(page: Path) -> Iterator[str]:
    """Targets of links; what stands in code is no link."""
    text = re.sub(r"```.*?```|`[^`\n]*`", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    yield from re.findall(r"\]\(([^)\s]+)\)", text)


def broken(page: Path, link: str) -> bool:
    address, _, fragment = link.partition("#")
    target = (page.parent / address) if address else page
    if not target.exists():
        return True
    if not fragment:
        return False
    found = re.findall(r"^#+ (.+)$", target.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return fragment not in {anchor(heading) for heading in found}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_relative_link_leads_somewhere(page):
    ours = [link for link in links(page) if not re.match(r"[a-z]+:", link)]
    assert [link for link in ours if broken(page, link)] == []


@pytest.mark.parametrize("folder", ["adr", "explanation", "how-to", "reference", "tutorial"])
def test_an_index_names_every_page(folder):
    index = DOCS / "adr" / "README.md" if folder == "adr" else DOCS / "README.md"
    listed = {(index.parent / link).resolve() for link in links(index)}
    assert {page.resolve() for page in (DOCS / folder).glob("*.md")} - {index.resolve()} <= listed


@pytest.mark.parametrize("decision", DECISIONS, ids=lambda path: path.stem)
def test_a_decision_has_its_four_parts_in_few_words(decision):
    text = decision.read_text(encoding="utf-8")
    assert headings(text) == PARTS
    assert "We will" in text.partition("## Decision")[2].partition("## Consequences")[0]
    assert len(text.split()) < 400
    assert text.startswith(f"# {int(decision.name[:4])}. ")


def test_decisions_are_numbered_without_gaps():
    assert [int(path.name[:4]) for path in DECISIONS] == list(range(1, len(DECISIONS) + 1))


def test_every_word_of_the_glossary_has_a_meaning_and_words_to_avoid():
    entries = text_of("glossary.md").split("\n\n")[2:]
    assert len(entries) > 20
    for entry in entries:
        assert re.match(r"\*\*[a-z -]+\*\*(, \*\*[a-z -]+\*\*)*: \S.+\n\*Avoid:\* \S", entry, flags=re.DOTALL), entry


def test_every_command_of_ours_has_its_heading():
    ours = {name for name, app in get_commands().items() if app in OUR_APPS}
    assert ours == {heading.strip("`") for heading in headings(text_of("reference/commands.md")) if "`" in heading}


def test_every_option_of_our_commands_is_named():
    text = text_of("reference/commands.md")
    for name, app in get_commands().items():
        if app in OUR_APPS:
            described = text.partition(f"## `{name}`")[2].partition("\n## ")[0]
            parser = load_command_class(app, name).create_parser("manage.py", name)
            own = {option for action in parser._actions for option in action.option_strings if option.startswith("--")}
            missing = [option for option in own - DJANGO_OPTIONS if option not in described]
            assert missing == [], name


DJANGO_OPTIONS = {
    *("--help", "--version", "--verbosity", "--settings", "--pythonpath", "--traceback", "--no-color"),
    *("--force-color", "--skip-checks"),
}


def test_every_event_has_its_heading():
    names = {re.sub(r"(?<!^)(?=[A-Z])", "_", event.__name__).lower() for event in get_args(events.Event)}
    assert names == {heading.strip("`") for heading in headings(text_of("reference/events.md"))}


def test_every_reason_to_wait_is_named():
    reasons = get_args(events.ExecutionWaiting.__annotations__["reason"])
    page = text_of("reference/events.md")
    assert [reason for reason in reasons if f"`{reason}`" not in page] == []


def test_every_code_of_the_error_trees_is_named():
    page = text_of("reference/errors.md")
    classes = [errors.PumpFlixError, *subclasses(errors.PumpFlixError)]
    classes += [sandbox.SandboxError, *subclasses(sandbox.SandboxError)]
    engine = [kind for kind in classes if kind.__module__.startswith(("workflows_app.engine", "pumpflix"))]
    codes = {kind.code for kind in engine} | set(get_args(outbound.Code))
    assert sorted(code for code in codes if f"`{code}`" not in page) == []


def subclasses(kind: type) -> list[type]:
    return [found for child in kind.__subclasses__() for found in (child, *subclasses(child))]


def test_every_answer_to_webhook_callers_is_named():
    source = "".join(
        path.read_text(encoding="utf-8")
        for path in [*(ROOT / "executions_app/intake").glob("*.py"), ROOT / "executions_app/ingest.py"]
    )
    answers = set(re.findall(r'Refused\(\s*(\d{3}),\s*"([a-z_]+)"', source))
    assert len(answers) > 12
    table = text_of("reference/errors.md").partition("## Answers to webhook callers")[2]
    rows = dict(re.findall(r"^\| (\d{3}) \| (.+) \|$", table, flags=re.MULTILINE))
    assert sorted(pair for pair in answers if f"`{pair[1]}`" not in rows.get(pair[0], "")) == []


def test_every_verdict_about_a_node_is_named():
    page = text_of("reference/commands.md")
    assert [verdict for verdict in get_args(Verdict) if f"`{verdict}`" not in page] == []


def test_the_worker_command_listens_to_every_queue():
    assert QUEUES in text_of("reference/commands.md")


def test_the_example_of_a_cassette_is_one():
    example = re.search(r"```json\n(.*?)```", text_of("reference/cassette-format.md"), flags=re.DOTALL)
    cassette = Cassette.read(json.loads(example[1]))
    assert cassette.trigger_node == "Start"
    assert len(cassette.trigger_items) == len(cassette.calls) == 1


def test_the_workflow_of_the_tutorial_runs_here_as_it_is():
    nodes.load()
    example = re.search(r"```json\n(.*?)```", text_of("tutorial/first-workflow.md"), flags=re.DOTALL)
    assert imports.read(example[1]).verdict == "Runs now"


def test_the_promise_is_published_in_the_same_words():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    said = [re.sub(r"\n> ?", " ", text) for text in (readme, text_of("explanation/durable-runs.md"))]
    first, second = (re.search(PROMISE, text) for text in said)
    assert first[1] == second[1]


def example(language: str) -> str:
    """The one example of that language in CONTRIBUTING, without the indent of its list."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    return textwrap.dedent(re.search(rf"```{language}\n(.*?) *```", text, flags=re.DOTALL)[1])


def test_the_node_of_contributing_puts_out_what_its_golden_workflow_says():
    own = Registry()
    # Who tries the example has it among the node types already.
    for kind in [kind for kind in nodes.load().all() if kind.name != "pumpflix.reverse"]:
        own.add(kind)
    exec(example("python").replace("@register\n", "@own.add\n"), {"own": own})
    golden = json.loads(example("json"))
    world = World()
    plan = make_plan(compile_workflow(Workflow.from_n8n(golden), own), mode="manual", execution_id="test")
    result = Result(list(run(plan, world.ports)), world)
    for name, wanted in golden["pinData"].items():
        assert [{"json": item.json} for item in result.items(name)] == wanted
