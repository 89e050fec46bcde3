"""Python that tries to get out or to do harm (RELIABILITY 4.B): an error or a harmless value, and all stays well.

Nothing in the language stops these; the process they run in reaches nothing."""

import json
import os
from collections.abc import Iterator
from dataclasses import replace

import pytest

from pumpflix.lib.sandbox import CodePool, SandboxError
from pumpflix.lib.sandbox.backoff import Backoff
from pumpflix.lib.tests.sandbox.conftest import AS_A_USER
from pumpflix.lib.tests.sandbox_python.conftest import CANARY, SETTINGS

PAYLOADS = {
    "38 all classes": "return len(().__class__.__base__.__subclasses__())",
    "38 all classes, then a command": """
for c in ().__class__.__base__.__subclasses__():
    if c.__name__ == '_wrap_close':
        return c.__init__.__globals__['system']('id')
import os
return os.system('id')""",
    "39 a format that looks inside": "return '{0.__class__.__init__.__globals__}'.format(_input)",
    "39 format_map": "return '{x.__class__.__base__}'.format_map({'x': 1})",
    "40 the object of an error": """
try:
    (lambda: 0).nothing
except AttributeError as error:
    return repr(error.obj.__globals__)""",
    "41 frames behind a generator": """
def walk():
    frame = generator.gi_frame
    seen = []
    while frame:
        seen.append(str(frame.f_globals.get('settings')) + str(list(frame.f_locals)))
        frame = frame.f_back
    yield seen
generator = walk()
return next(generator)""",
    "42 confusion in except*": """
class Odd(ExceptionGroup):
    def split(self, kind): return 1, 2
try:
    raise Odd('x', [ValueError()])
except* ValueError:
    pass""",
    "43 a parameter named as a guard": "def f(_getattr_=eval, /): return _getattr_('1+1')\nreturn f()",
    "44 an error whose text never ends": """
class Endless(Exception):
    def __str__(self):
        while True: pass
raise Endless()""",
    "45 modules that reach outside": """
import ctypes, os, socket, inspect, sys
libc = ctypes.CDLL(None)
return [libc.system(b'id'), libc.open(b'/etc/passwd', 0), libc.getppid(), os.environ.copy(), os.listdir('/')]""",
    "45 a walk to sys.modules": """
import statistics
return sorted(statistics.sys.modules)[:5] + [str(statistics.sys.modules['os'].environ)]""",
    "46 a fork bomb": "while True: __import__('os').fork()",
    "46 a bomb of programs": "import subprocess\nwhile True: subprocess.Popen(['/bin/sh'])",
    "46 a bomb of worker processes": "import multiprocessing\nmultiprocessing.Pool(50)",
    "46 a bomb of threads": """
import threading
stop = threading.Event()
while True: threading.Thread(target=stop.wait).start()""",
    "47 signals ignored": """
import signal
for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP): signal.signal(number, signal.SIG_IGN)
while True: pass""",
    "48 a trace function": """
import sys
sys.settrace(lambda *a: (_ for _ in ()).throw(SystemExit))
return (lambda: 1)()""",
    "48 recursion without end": "import sys\nsys.setrecursionlimit(10**9)\ndef f(): f()\nf()",
    "48 recursion in C": """
import sys
sys.setrecursionlimit(10**9)
value = []
for _ in range(10**6): value = [value]
return repr(value)""",
    "49 a gigabyte printed": "print('x' * 10**9)",
    "49 endless prints": "while True: print('x' * 1000)",
    "49 a flood past the console": "import os\nwhile True: os.write(2, b'x' * 65536)",
    "50 the environment of the process": "return open('/proc/self/environ').read()",
    "50 the root of the first process": "return open('/proc/1/root/etc/passwd').read()",
    "50 everything that can be listed": "import os\nreturn [os.listdir(p) for p in ('/', '/proc', '/tmp', '/root')]",
    "51 an exit": "import os\nos._exit(0)",
    "51 the parent's death": "import os\nreturn os.kill(os.getppid(), 9)",
    "51 everybody's death": "import os\nreturn os.kill(-1, 9)",
    "51 a polite exit": "raise SystemExit(0)",
    "52 a tower of powers": "return 10**10**8",
    "53 a coding cookie": "# -*- coding: rot13 -*-\nerghea 1",
    "53 a NUL": "return 1\0",
    "53 a lone surrogate": "return '\ud800'",
    "a forged answer": """
import os
for fd in range(3, 256):
    try: os.write(fd, b'\\x00\\x00\\x00\\x02\\x00\\x00\\x00\\x00{}')
    except OSError: pass""",
    "a forged call to the host": """
import os
text = b'{"call": "httpRequest", "args": ["http://example.com"]}'
for fd in range(3, 256):
    try: os.write(fd, len(text).to_bytes(4, 'big') + bytes(4) + text)
    except OSError: pass
import time; time.sleep(1)""",
    "a closed line": "import os\nfor fd in range(256):\n    try: os.close(fd)\n    except OSError: pass",
    "a broken encoder": "import json\njson.JSONEncoder.encode = json.dumps = None\nreturn []",
    "broken builtins": "import builtins\nfor name in list(vars(builtins)): delattr(builtins, name)",
    "an exit handler that hangs": "import atexit, time\natexit.register(time.sleep, 100)\nreturn []",
    "a thread that stays": "import threading, time\nthreading.Thread(target=time.sleep, args=[100]).start()\nreturn []",
    "a finaliser that raises": "class A:\n    def __del__(self): raise SystemExit\nx = A()\nreturn []",
}  # fmt: skip
WELL = """
import json, math, os, sys
here = set(os.environ) <= {'TZ', 'LC_CTYPE'}
return [math.sqrt(16), json.dumps({'a': [1]}), sorted([3, 1, 2]), _json.name, here, sys.getrecursionlimit()]
"""
ALL_WELL = [4.0, '{"a": [1]}', [1, 2, 3], "Zoë", True, 1000]
OUR_ERRORS = {
    "sandbox_timeout", "sandbox_memory", "sandbox_crashed", "sandbox_output_too_large",
}  # fmt: skip


@pytest.fixture(scope="module", params=[(), AS_A_USER], ids=["as started", "as an ordinary user"])
def pool(request: pytest.FixtureRequest, canary: None) -> Iterator[CodePool]:
    """Only the full level will do."""
    pool = CodePool(
        settings=replace(SETTINGS, launcher=request.param), code_children=2, backoff=Backoff(longest_pause_s=0)
    )
    yield pool
    pool.close()


@pytest.mark.requirement(1, 4)
@pytest.mark.parametrize("code", PAYLOADS.values(), ids=PAYLOADS)
def test_it_ends_in_an_error_or_does_no_harm_and_the_next_run_is_well(answer_to, value_of, code):
    try:
        told = answer_to(code, raw=True, timeout_s=1.0, memory_mb=64)
    except SandboxError as error:
        assert error.code in OUR_ERRORS  # noqa: PT017 - any of them, or none
        told = {"console": str(error)}
    assert set(told) <= {"output", "error", "console"}
    text = json.dumps(told)
    assert CANARY not in text
    assert "uid=" not in text
    assert "root:" not in text
    assert value_of(WELL, {"name": "Zoë"}) == ALL_WELL
    assert os.environ["PUMPFLIX_SECRET_KEY"] == CANARY


@pytest.mark.requirement(1, 4)
def test_a_forged_call_to_the_host_is_not_answered(answer_to):
    asked = []
    with pytest.raises(SandboxError):
        answer_to(PAYLOADS["a forged call to the host"], on_call=lambda *args: asked.append(args))
    assert asked == []
