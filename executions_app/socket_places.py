"""How many sockets somebody has open in this process: who holds hundreds keeps others from theirs."""

from collections import Counter
from typing import Any

SOCKETS_PER_USER = 10
TOO_MANY = 4429


class Places:
    """`who` is an account, or whatever else a socket is held by."""

    def __init__(self, most: int = SOCKETS_PER_USER) -> None:
        self._most = most
        self._taken: Counter[Any] = Counter()

    def take(self, who: Any) -> bool:
        """False where all places of theirs are taken."""
        if self._taken[who] >= self._most:
            return False
        self._taken[who] += 1
        return True

    def leave(self, who: Any) -> None:
        self._taken[who] -= 1
        if self._taken[who] <= 0:
            del self._taken[who]
