"""WebSocket addresses, behind the session and the check of the origin."""

from channels.auth import AuthMiddlewareStack
from channels.routing import URLRouter
from channels.security.websocket import AllowedHostsOriginValidator
from django.urls import path

from executions_app.consumers import ExecutionConsumer

websockets = AllowedHostsOriginValidator(
    AuthMiddlewareStack(URLRouter([path("ws/executions/<uuid:execution_id>", ExecutionConsumer.as_asgi())]))
)
