"""What documented examples send."""

from typing import Any

GRAPH: dict[str, Any] = {
    "nodes": [
        {
            "id": "1",
            "name": "Start",
            "type": "n8n-nodes-base.manualTrigger",
            "typeVersion": 1,
            "position": [0, 0],
            "parameters": {},
        },
        {
            "id": "2",
            "name": "Variables",
            "type": "n8n-nodes-base.set",
            "typeVersion": 3.4,
            "position": [240, 0],
            "parameters": {
                "assignments": {
                    "assignments": [{"id": "a", "name": "greeting", "type": "string", "value": "Good morning"}]
                }
            },
        },
    ],
    "connections": {"Start": {"main": [[{"node": "Variables", "type": "main", "index": 0}]]}},
    "settings": {"executionOrder": "v1"},
}
