"""How large a body a page may be sent. What says nothing takes a form's text and no more."""

from collections.abc import Callable
from typing import Any, TypeVar

View = TypeVar("View", bound=Callable[..., Any])

MOST_BYTES = 10 * 1024 * 1024


def takes(most_bytes: int) -> Callable[[View], View]:
    """For a view that takes files. Decorators on top of it keep what it says."""

    def marked(view: View) -> View:
        view.most_bytes = most_bytes  # type: ignore[attr-defined]
        return view

    return marked


def most_bytes_of(view: Any) -> int:
    """What a view says, be it a function or the function of a class."""
    said = getattr(view, "most_bytes", None) or getattr(getattr(view, "cls", None), "most_bytes", None)
    return int(said or MOST_BYTES)
