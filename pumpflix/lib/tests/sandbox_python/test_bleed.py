"""Nothing of one run is there in the next: each has a process of its own."""

import pytest

from pumpflix.lib.sandbox import SandboxError

DATABASE = "import sqlite3\ndb = sqlite3.connect('file:x?mode=memory&cache=shared', uri=True)"
LEFT = {
    "a module's function": ("import math\nmath.sqrt = None", "import math\nreturn math.sqrt(4)", 2.0),
    "a builtin": ("import builtins\nbuiltins.abs = None", "return abs(-1)", 1),
    "a name in the builtins": ("import builtins\nbuiltins.left = 1", "return 'left' in dir(__builtins__)", False),
    "a module of one's own": (
        "import sys, types\nsys.modules['left'] = types.ModuleType('left')",
        "try:\n    import left\nexcept ImportError:\n    return 'gone'",
        "gone",
    ),
    "the environment": ("import os\nos.environ['LEFT'] = '1'", "import os\nreturn os.environ.get('LEFT')", None),
    "the random seed": (
        "import random\nrandom.seed(1)",
        "import random\nstate = random.getstate()\nrandom.seed(1)\nreturn state == random.getstate()",
        False,
    ),
    "the decimal context": (
        "import decimal\ndecimal.getcontext().prec = 1",
        "import decimal\nreturn decimal.getcontext().prec",
        28,
    ),
    "the recursion limit": (
        "import sys\nsys.setrecursionlimit(99)",
        "import sys\nreturn sys.getrecursionlimit()",
        1000,
    ),
    "the import path": ("import sys\nsys.meta_path.clear()", "import plistlib\nreturn plistlib.__name__", "plistlib"),
    "the compiler's own classes": ("import ast\nast.parse = None", "return 1", 1),
    "the runtime's code": (
        "import sys\nsys.modules['pumpflix.lib.sandbox.py_output'].all_items = lambda x: 'mine'",
        "return [{'a': 1}]",
        [{"a": 1}],
    ),
    "a database in memory": (
        f"{DATABASE}\ndb.execute('create table t (x)')",
        f"{DATABASE}\nreturn db.execute('select count(*) from sqlite_master').fetchone()[0]",
        0,
    ),
    "a handler of signals": (
        "import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)",
        "import signal\nreturn signal.getsignal(signal.SIGTERM) == signal.SIG_DFL",
        True,
    ),
    "static data nobody stored": (
        "_getWorkflowStaticData('global').left = 1",
        "return dict(_getWorkflowStaticData('global'))",
        {},
    ),
}


@pytest.mark.requirement(6)
@pytest.mark.parametrize("leave, look, found", LEFT.values(), ids=LEFT)
def test_what_one_run_changes_the_next_does_not_see(answer_to, value_of, leave, look, found):
    try:
        answer_to(leave)
    except SandboxError:
        pytest.fail("the first run must get through")
    assert value_of(look) == found


@pytest.mark.requirement(6)
def test_no_process_serves_two_runs(value_of):
    marks = {
        value_of("import uuid, sys\nsys.mark = getattr(sys, 'mark', uuid.uuid4().hex)\nreturn sys.mark")
        for _ in "abcde"
    }
    assert len(marks) == 5


def test_items_of_one_run_share_modules_but_not_names(answer_to):
    code = "import sys\nseen = 'mine' in globals()\nglobals()['mine'] = 1\nreturn {'seen': seen}"
    out = answer_to(code, {"a": 1}, {"a": 2}, mode="runOnceForEachItem")["output"]
    assert [entry["output"]["json"]["seen"] for entry in out] == [False, False]
