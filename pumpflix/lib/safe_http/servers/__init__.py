"""Servers that speak other protocols than HTTP, each reached over the dialer alone.

The libraries that speak them are loaded when a workflow first needs one."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any

from pumpflix.lib.safe_http.dialer import Dialer
from pumpflix.lib.safe_http.servers.speaker import Poll, ServerRefused, Speaker, SpeakerMaker

__all__ = ["SPEAKERS", "ServerRefused", "Speaker"]


def _maker(module: str, name: str) -> SpeakerMaker:
    def make(dialer: Dialer, fields: Mapping[str, Any], poll: Poll | None) -> Speaker:
        speaker: SpeakerMaker = getattr(import_module(f"pumpflix.lib.safe_http.servers.{module}"), name)
        return speaker(dialer, fields, poll)

    return make


SPEAKERS: dict[str, SpeakerMaker] = {
    "postgres": _maker("postgres", "PostgresSpeaker"),
    "mysql": _maker("mysql", "MysqlSpeaker"),
    "redis": _maker("redis_server", "RedisSpeaker"),
    "imap": _maker("imap", "ImapSpeaker"),
    "ftp": _maker("ftp", "FtpSpeaker"),
    "sftp": _maker("ssh", "SftpSpeaker"),
    "ssh": _maker("ssh", "SshSpeaker"),
}
