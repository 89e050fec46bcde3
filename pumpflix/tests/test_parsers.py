"""Each kind of foreign file has one place that reads it, with its limits; and some are read nowhere."""

import ast
import time
from functools import cache

import pytest

from pumpflix.lib.tests.safe_http.test_only_door import ROOT, imports_of, product_files
from workflows_app.services import imports
from workflows_app.services.archives import read

NOWHERE = {
    "pickle",
    "_pickle",
    "cPickle",
    "dill",
    "cloudpickle",
    "joblib",
    "shelve",
    "yaml",
    "ruamel",
    "tarfile",
    "jsonpickle",
}
HOME = {
    "PIL": {"workflows_app/toolkit/inside/image.py"},
    "zipfile": {
        "workflows_app/toolkit/inside/archive.py",
        "workflows_app/services/archives.py",
        "executions_app/services/exports.py",
    },
    "lxml": {"workflows_app/toolkit/feeds.py"},
    "xml": {"executions_app/intake/xml.py"},
    # Python code of the child's own library, put in its place before it is locked in.
    "marshal": {"pumpflix/lib/sandbox/py_shelf.py"},
}


@cache
def imported() -> dict[str, set[str]]:
    """Names of top modules by file."""
    return {
        name: {found.partition(".")[0] for found in imports_of(ast.parse((ROOT / name).read_text(encoding="utf-8")))}
        for name in product_files()
        if not name.startswith("pumpflix/lab/")
    }


@pytest.mark.requirement(18)
def test_nothing_unpickles_and_nothing_reads_yaml() -> None:
    assert {name: found & NOWHERE for name, found in imported().items() if found & NOWHERE} == {}


@pytest.mark.requirement(16, 17, 18, 19)
@pytest.mark.parametrize("module", HOME)
def test_each_kind_of_file_is_read_in_its_place_alone(module: str) -> None:
    assert {name for name, found in imported().items() if module in found} == HOME[module]


@pytest.mark.requirement(18)
@pytest.mark.parametrize(
    "text",
    [
        b"!!python/object/apply:os.system ['id']",
        b"a: &a [x]\nb: &b [*a,*a,*a,*a,*a,*a,*a]\nc: [*b,*b,*b,*b,*b,*b,*b]",
        b"--- !ruby/object:Gem::Installer\ni: x",
        b"nodes = []\n[connections]\n",
        b"\x80\x04cos\nsystem\n(S'id'\ntR.",
    ],
    ids=["python object", "alias bomb", "ruby object", "TOML", "pickle"],
)
def test_an_import_of_anything_else_is_no_json(text: bytes) -> None:
    began = time.monotonic()
    for report in (imports.read(text), *(entry.report for entry in read(text))):
        assert report.problems[0].code in ("not_json", "not_utf8")
    assert time.monotonic() - began < 1
