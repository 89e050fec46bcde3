import pytest

from pumpflix.lib.safe_http.client import OutboundClient, OutboundRequest, OutboundResponse
from pumpflix.lib.tests.safe_http.servers import OPEN, Answer, Server


@pytest.fixture
def serve():
    """`serve(answer)` starts a server; all are stopped after the test."""
    servers: list[Server] = []

    def start(answer: Answer, **kwargs) -> Server:
        servers.append(Server(answer, **kwargs))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


@pytest.fixture
def client():
    made = OutboundClient(OPEN)
    yield made
    made.close()


@pytest.fixture
def call(client):
    """`call(url, ...)` sends a GET with loopback opened."""

    def send(url: str, method: str = "GET", **kwargs) -> OutboundResponse:
        return client.send(OutboundRequest(method, url, **kwargs))

    return send


@pytest.fixture
def code_of():
    """`code_of(work)` is the code of the OutboundError that `work()` raises."""
    from pumpflix.lib.safe_http.errors import OutboundError

    def run(work) -> str:
        with pytest.raises(OutboundError) as caught:
            work()
        return caught.value.code

    return run
