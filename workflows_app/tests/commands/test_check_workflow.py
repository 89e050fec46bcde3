import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from workflows_app.tests.graphs import chain, manual_set, node

pytestmark = pytest.mark.app


def checked(*arguments):
    out = StringIO()
    call_command("check_workflow", *map(str, arguments), stdout=out)
    return out.getvalue().splitlines()


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "a.json").write_text(json.dumps(manual_set(a=1)))
    (tmp_path / "b.json").write_text(json.dumps(chain(node("Odd", "slack"))))
    (tmp_path / "c.json").write_text('{"nodes": [}')
    return tmp_path


def test_each_node_is_judged_and_the_folder_is_counted(folder):
    lines = checked(folder)
    assert "a.json: Runs now" in lines
    assert any("swap" in line and "Odd" in line and "“HTTP request” can take its place" in line for line in lines)
    assert lines[-1].startswith("check_workflow: 3 files, 2 importable, 1 runs now, 1 with swaps, 1 damaged, 3 nodes")


def test_a_damaged_file_is_told_with_line_and_column(folder):
    lines = checked("--brief", folder)
    assert any("line 1, column 12" in line for line in lines)


def test_programs_get_json(folder):
    first = json.loads(checked("--json", folder / "a.json")[0])
    assert (first["verdict"], [one["verdict"] for one in first["nodes"]]) == ("Runs now", ["native", "native"])


def test_a_path_that_is_not_there_is_an_error(tmp_path):
    with pytest.raises(CommandError, match="does not exist"):
        checked(tmp_path / "gone.json")
