"""Files that jobs make: written part by part, read the same way, gone after a week."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Self

from django.utils import timezone

from executions_app.job_kinds import JobRun
from executions_app.models import JobFile, JobFilePart
from workflows_app.engine.errors import UserError

KEPT = timedelta(days=7)
PART_BYTES = 1024 * 1024
MOST_BYTES = 256 * 1024 * 1024


class FileWriter:
    """A binary file to write to. What an earlier try of the job left is gone; the file counts once it is closed without
    an error. Raises UserError when it grows too large."""

    def __init__(self, run: JobRun, name: str, mime_type: str) -> None:
        JobFile.objects.filter(job_id=run.job_id).delete()
        self.file = JobFile.objects.create(
            job_id=run.job_id, name=name[:200], mime_type=mime_type, expires_at=timezone.now() + KEPT
        )
        self._buffer = bytearray()
        self._number = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, failed: object, *_: object) -> None:
        if failed is not None:
            return
        if self._buffer:
            self._flush(len(self._buffer))
        self.file.is_whole = True
        self.file.save(update_fields=["size_bytes", "is_whole"])

    def write(self, data: bytes) -> int:
        self._buffer += data
        while len(self._buffer) >= PART_BYTES:
            self._flush(PART_BYTES)
        return len(data)

    def flush(self) -> None:
        """Parts are written as they fill."""

    def _flush(self, size: int) -> None:
        part = bytes(self._buffer[:size])
        del self._buffer[:size]
        self.file.size_bytes += len(part)
        if self.file.size_bytes > MOST_BYTES:
            text = f"This would be larger than {MOST_BYTES // 1024**2} MB."
            raise UserError(text, code="export_too_large", hint="Ask for a shorter time, or for one workflow.")
        JobFilePart.objects.create(file=self.file, number=self._number, data=part)
        self._number += 1


def parts_of(file: JobFile) -> Iterator[bytes]:
    """What it consists of, a part at a time."""
    numbers = JobFilePart.objects.filter(file=file).order_by("number").values_list("number", flat=True)
    for number in list(numbers):
        yield bytes(JobFilePart.objects.values_list("data", flat=True).get(file=file, number=number))
