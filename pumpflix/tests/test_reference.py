import re

import pytest

from pumpflix.env import ROOT
from pumpflix.reference import generated
from workflows_app.engine.registry import registry

DOCS = ROOT / "docs"


@pytest.fixture(scope="module")
def files() -> dict[str, str]:
    return generated()


def test_what_is_committed_is_what_the_code_says(files):
    stale = [name for name, text in files.items() if not _same(name, text)]
    assert stale == [], "run `make schemas` and read the difference"


def _same(name: str, text: str) -> bool:
    place = DOCS / name
    return place.is_file() and place.read_text(encoding="utf-8") == text


def test_no_page_is_left_of_a_node_that_is_gone(files):
    pages = {str(path.relative_to(DOCS)) for path in (DOCS / "nodes").rglob("*.*") if path.is_file()}
    assert pages <= set(files)


def test_every_node_type_and_version_has_its_heading(files):
    for node_type in registry.all():
        page = files[f"nodes/{node_type.name.removeprefix('n8n-nodes-base.')}.md"]
        assert re.search(rf"^## Version {node_type.versions[0]:g}\b", page, flags=re.MULTILINE), node_type
