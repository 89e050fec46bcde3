"""Files that jobs make for people, kept for a week."""

from django.db import models
from django.db.models.functions import Now

from accounts.models.base import UUIDModel


class JobFile(UUIDModel):
    """In parts, so that nobody ever holds all of it in memory."""

    job = models.OneToOneField("executions_app.Job", on_delete=models.CASCADE, related_name="file")
    name = models.CharField(max_length=200)
    mime_type = models.CharField(max_length=100)
    size_bytes = models.BigIntegerField(default=0)
    is_whole = models.BooleanField(default=False)
    created_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField(db_index=True)


class JobFilePart(models.Model):
    file = models.ForeignKey(JobFile, on_delete=models.CASCADE, related_name="parts")
    number = models.PositiveIntegerField()
    data = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["file", "number"], name="job_file_part_once")]

    def __str__(self) -> str:
        return f"{self.file_id} {self.number}"
