"""The keys of this instance that seal what is stored."""

from functools import lru_cache

from django.conf import settings

from pumpflix.lib.crypto import Keyring


@lru_cache(maxsize=4)
def _keyring(text: str) -> Keyring:
    return Keyring.from_text(text)


def keyring() -> Keyring:
    """The first key seals; the others open what they sealed."""
    return _keyring(settings.ENCRYPTION_KEY)
