"""Where bad inputs go in. A door takes the cases of an entry and says what came back for each."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor

from pumpflix.tests.live.hostile.entries import Case, Outcome
from pumpflix.tests.live.hostile.stage import Stage

Found = Iterable[tuple[Case, Outcome]]
Door = Callable[[Stage, list[Case]], Found]
AT_ONCE = 4

DOORS: dict[str, Door] = {}


def door(name: str) -> Callable[[Door], Door]:
    """Register a function that takes all cases of an entry."""

    def register(function: Door) -> Door:
        assert name not in DOORS, name
        DOORS[name] = function
        return function

    return register


def each(name: str, *, at_once: int = AT_ONCE) -> Callable[[Callable[[Stage, Case], Outcome]], object]:
    """Register a function that takes one case; some are put through at a time."""

    def register(function: Callable[[Stage, Case], Outcome]) -> object:
        @door(name)
        def all_of_them(stage: Stage, cases: list[Case]) -> Iterator[tuple[Case, Outcome]]:
            with ThreadPoolExecutor(at_once) as pool:
                yield from zip(cases, pool.map(lambda case: function(stage, case), cases), strict=True)

        return function

    return register
