"""The Payloads port made real: bytes by reference, written with the next commit of the run."""

from collections.abc import Callable
from pathlib import PurePosixPath

from executions_app.payloads import PayloadMissing
from workflows_app.engine.errors import OperationalError
from workflows_app.engine.items import Binary


class PayloadsAdapter:
    def __init__(self, put: Callable[[bytes], str], get: Callable[[str], bytes]) -> None:
        self._put = put
        self._get = get

    def put(self, data: bytes, *, mime_type: str, file_name: str = "") -> Binary:
        return describe(self._put(data), data, mime_type=mime_type, file_name=file_name)

    def get(self, ref: str) -> bytes:
        try:
            return self._get(ref)
        except PayloadMissing as error:
            raise OperationalError(
                str(error), code="lost_input", hint="Run the workflow again from its trigger."
            ) from error


def describe(ref: str, data: bytes, *, mime_type: str, file_name: str) -> Binary:
    name = PurePosixPath(file_name.replace("\\", "/")).name
    return Binary(
        ref=ref,
        mime_type=mime_type or "application/octet-stream",
        size_bytes=len(data),
        file_name=name,
        file_extension=PurePosixPath(name).suffix.lstrip(".").lower(),
    )
