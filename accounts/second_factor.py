"""How allauth's second factors are kept here: seeds sealed with the keys of the instance, words of our own."""

import base64
import binascii
from typing import Any, ClassVar

from allauth.mfa.adapter import DefaultMFAAdapter
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import branding
from accounts.keys import keyring
from pumpflix.lib.crypto import CryptoError, RecordId, seal, unseal

SEED = RecordId("", "authenticator", "seed", 1)
"""allauth seals a seed before its row has an id, so what is authenticated is the purpose alone."""


class SecondFactorAdapter(DefaultMFAAdapter):
    error_messages: ClassVar[dict[str, Any]] = {
        **DefaultMFAAdapter.error_messages,
        "add_email_blocked": gettext_lazy(
            "Take the second factor off before you change the address, then put it on again."
        ),
        "incorrect_code": gettext_lazy("That is not right, or it was used already. Try the next one."),
        "unverified_email": gettext_lazy("Confirm your e-mail address first: open the link that was mailed."),
    }

    def get_totp_issuer(self) -> str:
        return str(branding.current()["name"])

    def _get_site_name(self) -> str:
        return self.get_totp_issuer()

    def encrypt(self, text: str) -> str:
        return to_text(seal(keyring(), SEED, text.encode("utf-8")))

    def decrypt(self, encrypted_text: str) -> str:
        """Raises CryptoError where the key is missing; `manage.py prepare` refuses to start before that."""
        return unseal(keyring(), SEED, from_text(encrypted_text)).decode("utf-8")

    def generate_authenticator_name(self, user: Any, type: Any) -> str:  # noqa: A002 - allauth's name
        count = user.authenticator_set.filter(type=type).count()
        return _("Passkey %(number)s") % {"number": count + 1} if count else _("Passkey")


def to_text(blob: bytes) -> str:
    return base64.b64encode(blob).decode("ascii")


def from_text(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise CryptoError("blob_invalid", "This is not a sealed seed.") from error
