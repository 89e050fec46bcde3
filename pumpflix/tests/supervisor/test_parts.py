"""Web and workers on machines of their own, and what the container files promise."""

import re
import socket
import subprocess
import sys

import pytest
import yaml

from pumpflix.env import ROOT, Env
from pumpflix.supervisor.data_folder import DataFolder
from pumpflix.supervisor.layout import Layout

COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "only, names", [(None, ["web", "worker 1", "worker 2"]), ("web", ["web"]), ("workers", ["worker 1", "worker 2"])]
)
def test_each_part_can_run_alone(tmp_path, only, names):
    env = Env.model_validate({"PUMPFLIX_WORKERS": 2})
    with socket.socket() as listener:
        layout = Layout(env, DataFolder(tmp_path), listener)
        assert [child.name for child in layout.processes(only)] == names


def test_a_part_alone_needs_the_database_it_shares(tmp_path):
    environ = {"PATH": "/usr/bin", "PUMPFLIX_DATA_DIR": str(tmp_path)}
    command = [sys.executable, "-m", "pumpflix.supervisor", "--only", "workers"]
    told = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, check=False)
    assert told.returncode == 1
    assert "--only needs DATABASE_URL and REDIS_URL" in told.stderr


def test_the_image_runs_as_nobody_in_particular_and_tells_its_health():
    last = DOCKERFILE.split("\nFROM ")[-1]
    assert re.search(r"^USER pumpflix$", last, re.M)
    assert "HEALTHCHECK" in last
    assert "/health/live" in last
    assert DOCKERFILE.count("\nFROM debian:bookworm-slim") == 2, "what builds is left behind"


def test_compose_has_all_four_services_and_a_place_for_mails():
    services = COMPOSE["services"]
    assert set(services) == {"web", "worker", "postgres", "redis", "mail"}
    assert services["mail"]["profiles"] == ["dev"]
    for name in ("web", "worker"):
        given = services[name]["environment"]
        assert "@postgres:5432/" in given["DATABASE_URL"]
        assert given["REDIS_URL"].startswith("redis://redis")
        assert services[name]["command"][-2:] == ["--only", {"web": "web", "worker": "workers"}[name]]
        assert "?" in given["PUMPFLIX_SECRET_KEY"], "a key must be given, never a default"
