"""Facets of search results: what each card is by kind, how many of each there are, and which are chosen."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.db.models import F, Func, JSONField, Value
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from templates_app.models import Template, TemplateVersion
from workflows_app import nodes

NAMES = {
    "job": gettext_lazy("Job"),
    "trigger": gettext_lazy("Starts"),
    "service": gettext_lazy("Service"),
    "runs": gettext_lazy("Runs"),
    "size": gettext_lazy("Size"),
    "ai": gettext_lazy("AI"),
    "author": gettext_lazy("Author"),
    "source": gettext_lazy("Source"),
}
TRIGGERS = {
    "manualTrigger": gettext_lazy("by hand"),
    "webhook": gettext_lazy("when another app calls a link"),
    "scheduleTrigger": gettext_lazy("on a schedule"),
    "cron": gettext_lazy("on a schedule"),
    "formTrigger": gettext_lazy("by a form"),
    "errorTrigger": gettext_lazy("when a run fails"),
}
SIZES = ((4, "small", gettext_lazy("up to 4 steps")), (9, "medium", gettext_lazy("5 to 9 steps")))
LARGE = ("large", gettext_lazy("10 steps and more"))
TRIGGER_VALUE = {"cron": "scheduleTrigger"}
OUTSIDE = ("apps", "messaging")
AI_PACKAGE = "@n8n/n8n-nodes-langchain."

PATH = "jsonb_path_query_array(%(expressions)s::jsonpath)"
MOST_KEPT = 20_000
_TYPES: dict[Any, tuple[str, ...]] = {}

# Value and label of one facet of one card.
Kind = tuple[str, str]


@dataclass(frozen=True)
class Choice:
    """`href` is the query that chooses it, or that lets it go where it is chosen."""

    label: str
    count: int
    href: str
    is_chosen: bool


@dataclass(frozen=True)
class Facet:
    name: str
    label: str
    choices: list[Choice]
    chosen: str


def every_kind(cards: Sequence[Template]) -> list[dict[str, list[Kind]]]:
    """What each card is, by facet."""
    types = node_types(card.current_version_id for card in cards if card.current_version_id)
    return [kinds(card, types.get(card.current_version_id, ())) for card in cards]


def node_types(versions: Iterable[Any]) -> dict[Any, tuple[str, ...]]:
    """Node types by version. A version never changes, so it is read once."""
    wanted = set(versions)
    if missing := wanted - _TYPES.keys():
        path = Func(F("workflow_version__graph"), Value("$.nodes[*].type"), template=PATH, output_field=JSONField())
        rows = TemplateVersion.objects.filter(pk__in=missing).annotate(types=path).values_list("pk", "types")
        if len(_TYPES) > MOST_KEPT:
            _TYPES.clear()
        _TYPES.update({key: tuple(str(kind) for kind in kinds or ()) for key, kinds in rows})
    return {key: _TYPES[key] for key in wanted if key in _TYPES}


def kinds(card: Any, types: Sequence[str]) -> dict[str, list[Kind]]:
    return {
        **graph_kinds(tuple(types), get_language() or ""),
        "job": [(card.category.slug, card.category.name)],
        "runs": [(card.run_class, card.get_run_class_display())],
        "author": [author(card)],
        "source": [(card.source_type, card.get_source_type_display())],
    }


@lru_cache(maxsize=5_000)
def graph_kinds(types: tuple[str, ...], _language: str) -> dict[str, list[Kind]]:
    """What the nodes alone tell, in the language that is active."""
    short = [kind.rsplit(".", 1)[-1] for kind in types]
    has_ai = any(kind.startswith(AI_PACKAGE) for kind in types)
    return {
        "trigger": sorted({(TRIGGER_VALUE.get(name, name), str(TRIGGERS[name])) for name in short if name in TRIGGERS}),
        "service": services(types),
        "size": [size(len(types))],
        "ai": [("yes", _("needs a model"))] if has_ai else [("no", _("no model"))],
    }


def author(card: Any) -> Kind:
    """Never an address: a personal team is called like its owner's."""
    if card.source_type == "prebuilt":
        return ("pumpflix", "PumpFlix")
    name = card.team.name if card.team.kind != "personal" else (card.created_by and card.created_by.name)
    return (str(card.team_id), name or _("a member"))


def size(steps: int) -> Kind:
    return next(((value, str(label)) for most, value, label in SIZES if steps <= most), (LARGE[0], str(LARGE[1])))


def services(types: Sequence[str]) -> list[Kind]:
    """Apps a template speaks to, by their node's label."""
    registry = nodes.load()
    found = {registry.newest(kind) for kind in types}
    return sorted({(node.name.rsplit(".", 1)[-1], node.label) for node in found if node and node.group in OUTSIDE})


def chosen_in(query: Mapping[str, str]) -> dict[str, str]:
    return {name: query[name] for name in NAMES if query.get(name)}


def fits(card_kinds: Mapping[str, list[Kind]], chosen: Mapping[str, str], *, but: str = "") -> bool:
    return all(
        name == but or any(value == wanted for value, _label in card_kinds[name]) for name, wanted in chosen.items()
    )


def facets(every: Sequence[Mapping[str, list[Kind]]], query: Any) -> list[Facet]:
    """One per name that tells results apart. A choice counts what it and the other facets' choices leave."""
    chosen = chosen_in(query)
    made = [facet(name, every, chosen, query) for name in NAMES]
    return [entry for entry in made if len(entry.choices) > 1 or entry.chosen]


def facet(name: str, every: Sequence[Mapping[str, list[Kind]]], chosen: Mapping[str, str], query: Any) -> Facet:
    left = [card for card in every if fits(card, chosen, but=name)]
    counts = Counter(kind for card in left for kind in card[name])
    wanted = chosen.get(name, "")
    choices = [
        Choice(label, count, address(query, name, "" if value == wanted else value), value == wanted)
        for (value, label), count in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0][1]))
    ]
    label = next((entry.label for entry in choices if entry.is_chosen), "")
    return Facet(name, str(NAMES[name]), choices, label)


def address(query: Any, name: str, value: str) -> str:
    changed = query.copy()
    changed.pop("shown", None)
    changed.pop(name, None)
    if value:
        changed[name] = value
    return f"?{changed.urlencode()}"
