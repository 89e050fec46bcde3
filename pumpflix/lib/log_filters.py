"""What becomes of log records on their way out."""

import logging

SUSPICIOUS = "django.security."
NOT_TEXT = "Invalid UTF-8 sequence received from client."


class RefusedRequests(logging.Filter):
    """A request that was refused for what it carries (a host that is not ours, too many fields, a frame that is no
    text) is somebody else's fault: a line of its own, without a trace, and no error. Else whoever likes fills the log
    with errors of ours."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.name.startswith(SUSPICIOUS) or record.msg == NOT_TEXT:
            record.levelno, record.levelname = logging.WARNING, "WARNING"
            record.exc_info = record.exc_text = None
        return True
