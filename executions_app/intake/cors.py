"""Which pages of other origins may read answers, as a trigger node says."""

from collections.abc import Mapping

from executions_app.intake.routes import Route


def allowed(route: Route, headers: Mapping[str, str]) -> list[tuple[str, str]]:
    """Let browsers of the origins that the node allows read the answer; any, unless it says otherwise."""
    origin = headers.get("origin")
    if not origin:
        return []
    chosen = str(route.chosen.get("allowedOrigins") or "*").strip()
    if chosen == "*":
        return [("access-control-allow-origin", "*")]
    known = {entry.strip() for entry in chosen.split(",")}
    return [("access-control-allow-origin", origin), ("vary", "origin")] if origin in known else [("vary", "origin")]


def preflight(route: Route, headers: Mapping[str, str]) -> list[tuple[str, str]]:
    return [
        ("access-control-allow-methods", ", ".join(sorted({"OPTIONS", *route.methods}))),
        ("access-control-allow-headers", headers.get("access-control-request-headers", "*")),
        ("access-control-max-age", "600"),
    ]
