"""Base64 as people paste it."""

import base64
import binascii

from workflows_app.engine.errors import ParameterError


def from_base64(text: str, field: str = "The text") -> bytes:
    """Bytes of Base64 text; a data address, line breaks, missing padding and the URL alphabet are accepted. Raises
    ParameterError naming `field`."""
    if text.startswith("data:") and "," in text:
        text = text.split(",", 1)[1]
    text = "".join(text.split()).replace("-", "+").replace("_", "/")
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError) as error:
        raise ParameterError(f"{field} is not Base64.", hint="Write it as plain text instead.") from error
