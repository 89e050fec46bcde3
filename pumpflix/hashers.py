"""How passwords are kept: Argon2id for new ones; bcrypt is accepted, and replaced at the next sign-in."""

from django.conf import settings
from django.contrib.auth.hashers import Argon2PasswordHasher, BCryptSHA256PasswordHasher


class Argon2id(Argon2PasswordHasher):
    """19 MiB, two passes, one lane: OWASP's figures, about 45 ms on a small server."""

    time_cost = 2
    memory_cost = 19 * 1024
    parallelism = 1


class Bcrypt(BCryptSHA256PasswordHasher):
    """Hashes with SHA-256 first, because bcrypt 5 refuses a password beyond 72 bytes."""

    rounds = settings.PUMPFLIX.password_rounds
