"""The web process: uvicorn on a socket it is handed, so that connections queue while it restarts."""

import socket
import sys

import uvicorn

from pumpflix.heads import BoundedHeads

WEBSOCKET_MESSAGE_BYTES = 64 * 1024
GRACE_S = 20


def serve(listener: socket.socket) -> None:
    """Answer requests until SIGINT or SIGTERM; those under way may end within the grace period."""
    config = uvicorn.Config(
        "pumpflix.asgi:application",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        lifespan="auto",
        ws_max_size=WEBSOCKET_MESSAGE_BYTES,
        http=BoundedHeads,
        timeout_graceful_shutdown=GRACE_S,
    )
    uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    serve(socket.socket(fileno=int(sys.argv[1])))
