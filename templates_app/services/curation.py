"""What curators do: publish what was submitted, return it with a note, order the rows, feature and hide titles. Every
change is audited, and the gallery forgets what it had cached."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.services import audit
from accounts.services.notifications import notify
from templates_app import gallery_cache
from templates_app.models import Category, SelfTest, Template, TemplateVersion
from templates_app.rehearsal import rehearse
from templates_app.services.templates import secret_places
from workflows_app import nodes
from workflows_app.engine.checks import check
from workflows_app.engine.workflow import Workflow as Graph
from workflows_app.errors import Unsuitable
from workflows_app.toolkit.compat import verdicts

SUBMITTABLE = ("draft", "returned")


@dataclass(frozen=True, slots=True)
class Finding:
    """One question a curator asks of a submission, and its answer. `is_red` blocks publishing."""

    question: str
    answer: str
    is_red: bool = False


def review(template: Template) -> list[Finding]:
    """Self-test, secrets, compatibility, description, licence: as they are now. Runs the sample once."""
    version = template.current_version
    if version is None:
        return [Finding("Version", "There is none to publish.", is_red=True)]
    graph = version.workflow_version.graph
    cassette = orjson.loads(bytes(version.cassette or b"") or b"{}")
    return [
        self_tested(template, version, cassette),
        without_secrets(graph, cassette),
        compatible(graph),
        described(template),
        Finding("Licence", "Templates are CC0: who submits one gives it to everybody."),
    ]


def self_tested(template: Template, version: TemplateVersion, cassette: dict[str, Any]) -> Finding:
    """Plays the sample and keeps the result; another one than the last changes the rows."""
    if not cassette:
        return Finding("Self-test", "There is no sample, so nobody can see it run.", is_red=True)
    rehearsal = rehearse(version.workflow_version.graph, cassette)
    passed = rehearsal.status == "success"
    result = "passed" if passed else "failed"
    before = version.self_tests.order_by("-ran_at").values_list("result", flat=True).first()
    SelfTest.objects.create(version=version, result=result)
    if before != result:
        gallery_cache.forget(template)
    if passed:
        return Finding("Self-test", f"Passed in {rehearsal.duration_ms:.0f} ms, without a network.")
    return Finding("Self-test", f"Failed: {rehearsal.error or rehearsal.status}", is_red=True)


def without_secrets(graph: dict[str, Any], cassette: dict[str, Any]) -> Finding:
    places = secret_places(graph, cassette)
    if places:
        return Finding("Secrets", f"Something that looks like one is in: {', '.join(places)}.", is_red=True)
    return Finding("Secrets", "Nothing looks like one.")


def compatible(graph: dict[str, Any]) -> Finding:
    parsed, registry = Graph.from_n8n(graph), nodes.load()
    problems = check(parsed, registry)
    errors = [problem.message for problem in problems if problem.level == "error"]
    errors += [
        f"{one.name}: {one.note}." for one in verdicts(parsed, registry) if one.verdict in ("swap", "placeholder")
    ]
    if errors:
        return Finding("Works here", " ".join(errors[:3]), is_red=True)
    return Finding(
        "Works here", f"All nodes run here; {len(problems)} warnings." if problems else "All nodes run here."
    )


def described(template: Template) -> Finding:
    missing = [
        label
        for label, value in (("name", template.name), ("pitch", template.pitch), ("description", template.description))
        if not value.strip()
    ]
    if missing:
        return Finding("Description", f"Missing: {', '.join(missing)}.", is_red=True)
    return Finding("Description", "Name, pitch and description are there.")


def submit(template: Template, *, by: User) -> None:
    """Ask the curators to publish it. Raises Unsuitable unless it is a draft or was returned."""
    with transaction.atomic():
        held = locked(template)
        if held.status not in SUBMITTABLE:
            raise Unsuitable(
                f"{held.name} is {held.get_status_display().lower()} already.", code="template_not_submittable"
            )
        change(held, by=by, action="template.submitted", status="submitted", review_note="")


def publish(template: Template, *, by: User) -> None:
    """Into the gallery, for everybody. Raises Unsuitable that names everything red."""
    red = [f"{finding.question}: {finding.answer}" for finding in review(template) if finding.is_red]
    if red:
        raise Unsuitable(
            f"{template.name} cannot be published. {' '.join(red)}",
            code="template_not_publishable",
            hint="Return it with a note, or mend it.",
        )
    with transaction.atomic():
        held = locked(template)
        first = held.published_at or timezone.now()
        change(held, by=by, action="template.published", status="published", review_note="", published_at=first)
        tell_author(held, f"{held.name} is in the gallery", "A curator has published it.")


def give_back(template: Template, *, note: str, by: User) -> None:
    """To its author, with a note. Raises Unsuitable without one."""
    if not note.strip():
        raise Unsuitable("Say what should be changed.", code="note_missing")
    with transaction.atomic():
        held = locked(template)
        change(held, by=by, action="template.returned", status="returned", review_note=note.strip()[:4000])
        tell_author(held, f"{held.name} was returned", note.strip()[:4000])


def hide(template: Template, *, by: User) -> None:
    """Out of every row and search; its copies stay as they are."""
    with transaction.atomic():
        change(locked(template), by=by, action="template.hidden", status="hidden")


def feature(template: Template, *, by: User, is_featured: bool = True) -> None:
    """The hero of the home page is the first featured title."""
    with transaction.atomic():
        change(locked(template), by=by, action="template.featured", is_featured=is_featured)


def order_templates(ids: Sequence[Any], *, by: User) -> None:
    """These titles stand in this order; unknown ids are skipped."""
    with transaction.atomic():
        reorder(Template, ids, by=by, action="template.ordered")


def order_rows(ids: Sequence[Any], *, by: User) -> None:
    """The rows of the home page stand in this order."""
    with transaction.atomic():
        reorder(Category, ids, by=by, action="category.ordered")


def reorder(model: type[Template] | type[Category], ids: Sequence[Any], *, by: User, action: str) -> None:
    rows = model.objects.select_for_update().filter(pk__in=ids)
    before = {str(pk): position for pk, position in rows.values_list("pk", "position")}
    places = sorted(before.values())
    if len(set(places)) < len(places):
        places = list(range(len(places)))
    known = [str(wanted) for wanted in ids if str(wanted) in before]
    after = dict(zip(known, places, strict=True))
    for pk, place in after.items():
        model.objects.filter(pk=pk).update(position=place)
    if before != after:
        audit.record(action, actor=by, team=None, before=before, after=after)
        gallery_cache.forget_all()


def locked(template: Template) -> Template:
    return Template.objects.select_for_update().get(pk=template.pk)


def change(template: Template, *, by: User, action: str, **fields: Any) -> None:
    """Set the fields, audit what was and what is, forget the cached cards."""
    before = {name: told(getattr(template, name)) for name in fields}
    for name, value in fields.items():
        setattr(template, name, value)
    template.updated_at = timezone.now()
    template.save(update_fields=[*fields, "updated_at"])
    after = {name: told(getattr(template, name)) for name in fields}
    audit.record(action, actor=by, team=template.team, target=template, before=before, after=after)
    gallery_cache.forget(template)


def told(value: Any) -> Any:
    return value if isinstance(value, str | bool | int | None) else str(value)


def tell_author(template: Template, title: str, text: str) -> None:
    if template.created_by:
        notify(template.created_by, kind="template", title=title[:200], text=text, url=f"/templates/{template.slug}")
