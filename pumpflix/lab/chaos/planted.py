"""The product with a fault planted in it, to see that the campaign finds it: `python -m ...planted FAULT`.

Nothing in the product knows of this. The supervisor of this process starts its workers, or its web process, through
this module, which changes the running code before it begins.
"""

import os
import runpy
import sys
from collections.abc import Callable

import django

WORKER, WEB = ("-m", "celery"), ("-m", "pumpflix.web")


def no_fence() -> None:
    """Whoever lost its lease goes on, and may still write."""
    from executions_app import transitions  # noqa: PLC0415 - Django has to be set up first
    from executions_app.runner.heartbeat import Heartbeat, Watchdog  # noqa: PLC0415

    fence = "e.epoch = b.epoch AND "
    assert fence in transitions.COMMIT_HEADS
    transitions.COMMIT_HEADS = transitions.COMMIT_HEADS.replace(fence, "")
    Watchdog.check = lambda *_: True  # type: ignore[method-assign]
    Heartbeat._renew = lambda *_: None  # type: ignore[method-assign]


def no_barrier() -> None:
    """Calls leave before what went before them is on record."""
    from executions_app.runner.session import Session  # noqa: PLC0415 - as above

    Session.barrier = lambda *_: None  # type: ignore[method-assign]


def narrow_channels() -> None:
    """Room for one message in every channel, so that nearly all are dropped."""
    from channels_redis.core import RedisChannelLayer  # noqa: PLC0415 - only where it is wanted

    make = RedisChannelLayer.__init__

    def narrow(self: object, *given: object, **named: object) -> None:
        make(self, *given, **{**named, "capacity": 1})

    RedisChannelLayer.__init__ = narrow


FAULTS: dict[str, tuple[tuple[str, str], Callable[[], None]]] = {
    "no-fence": (WORKER, no_fence),
    "no-barrier": (WORKER, no_barrier),
    "narrow-channels": (WEB, narrow_channels),
}


def supervise(fault: str) -> int:
    """The supervisor, whose processes of that kind begin here."""
    from pumpflix.supervisor.layout import Layout  # noqa: PLC0415 - only in the supervisor
    from pumpflix.supervisor.main import main  # noqa: PLC0415

    kind, _ = FAULTS[fault]
    make = Layout._recipe

    def recipe(self: Layout, *arguments: str) -> object:
        is_it = arguments[:2] == kind
        return make(self, *(("-m", __spec__.name, fault, *arguments[1:]) if is_it else arguments))

    Layout._recipe = recipe  # type: ignore[method-assign, assignment]
    return main([])


def begin(fault: str, module: str, arguments: list[str]) -> None:
    """What the supervisor wanted to run, changed."""
    FAULTS[fault][1]()
    sys.argv = [module, *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    if len(sys.argv) == 2:
        sys.exit(supervise(sys.argv[1]))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pumpflix.settings")
    django.setup()
    begin(sys.argv[1], sys.argv[2], sys.argv[3:])
