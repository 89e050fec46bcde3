"""Name service of the stack under attack: names below `trap.example` answer as an attacker's server would.

Every process of the product installs it as it starts, through `sitecustomize` on its PYTHONPATH; all other names are
looked up as ever.
"""

import itertools
import socket
from typing import Any

PUBLIC, ALLOWED, HERE = "93.184.216.34", "127.0.0.2", "127.0.0.1"
ANSWERS: dict[str, list[list[str]]] = {
    # One list of addresses for each lookup, round and round.
    "both.trap.example": [[PUBLIC, HERE]],
    "both-allowed.trap.example": [[ALLOWED, HERE]],
    "rebind.trap.example": [[ALLOWED], [HERE]],
    "chain-to-here.trap.example": [[HERE]],
    "six.trap.example": [["::1"]],
    "mapped.trap.example": [["::ffff:127.0.0.1"]],
    "metadata.trap.example": [["169.254.169.254"]],
    "good.trap.example": [[ALLOWED]],
    "other.trap.example": [[ALLOWED]],
    # A chain of fifty names: the resolver gives up.
    "fifty-hops.trap.example": [[]],
}
TURNS = {name: itertools.count() for name in ANSWERS}

SITECUSTOMIZE = """
import sys
sys.path.append({root!r})
from pumpflix.tests.live.hostile import names
names.install()
"""


def install() -> None:
    real = socket.getaddrinfo

    def getaddrinfo(host: Any, port: Any, *rest: Any, **more: Any) -> Any:
        name = str(host).lower().rstrip(".") if isinstance(host, str) else ""
        if name not in ANSWERS:
            return real(host, port, *rest, **more)
        answers = ANSWERS[name]
        found = answers[next(TURNS[name]) % len(answers)]
        if not found:
            raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
        return [entry for address in found for entry in real(address, port, *rest, **more)]

    socket.getaddrinfo = getaddrinfo
