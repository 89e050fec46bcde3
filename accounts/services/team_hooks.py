"""What apps above say about teams: what of theirs a team has, and what becomes of it when somebody goes."""

from collections.abc import Callable

from accounts.models import Team, User

Count = Callable[[Team], int]
HandOn = Callable[[Team, User, User], None]

_holdings: dict[str, Count] = {}
_handing_on: list[HandOn] = []


def register_holding(name: str, count: Count) -> None:
    """`name` is a plural for people: `workflows`. A team that has some cannot be deleted."""
    _holdings[name] = count


def register_handing_on(hand_on: HandOn) -> None:
    """`hand_on(team, leaving, heir)`: what only `leaving` could see in the team becomes the heir's."""
    if hand_on not in _handing_on:
        _handing_on.append(hand_on)


def held_by(team: Team) -> dict[str, int]:
    """Name and number of what the team has, without those it has none of."""
    counted = {name: count(team) for name, count in _holdings.items()}
    return {name: number for name, number in counted.items() if number}


def hand_on(team: Team, leaving: User, heir: User) -> None:
    for each in _handing_on:
        each(team, leaving, heir)
