"""What the rules of secrets.yaml find, and what they let pass."""

# ruleid: chance-that-can-be-guessed
import random
# ruleid: chance-that-can-be-guessed
from random import choice
# ok: chance-that-can-be-guessed
import secrets


def logged(user, token, field):
    # ruleid: secret-in-a-log
    log.info("signed_in", with_=user.password)
    # ruleid: secret-in-a-log
    logger.warning("refused %s", token)
    # ruleid: secret-in-a-log
    log.debug("read", value=field.plaintext)
    # ruleid: secret-in-a-log
    log.debug("read", value=field.secret.encode())
    # ok: secret-in-a-log
    log.info("token", user=user.pk)
    # ok: secret-in-a-log
    log.info("signed_in", token_id=token.id)


def compared(given, mac, row, signature):
    # ruleid: secret-compared-with-equals
    if given == mac.hexdigest():
        return True
    # ruleid: secret-compared-with-equals
    if signature != given:
        return False
    # ruleid: secret-compared-with-equals
    if row.token_hash == given:
        return True
    # ruleid: secret-compared-with-equals
    if digest(row, given) != given:
        return False
    # ok: secret-compared-with-equals
    if hmac.compare_digest(signature, given):
        return True
    # ok: secret-compared-with-equals
    return given.token == "*"


def read(text, key):
    # ruleid: token-read-without-its-signature
    jwt.decode(text, key)
    # ruleid: token-read-without-its-signature
    jwt.decode(text, key, algorithms=header["alg"])
    # ruleid: token-read-without-its-signature
    jwt.decode(text, key, algorithms=["HS256"], options={"verify_exp": False})
    # ruleid: token-read-without-its-signature
    jwt.decode(text, key, algorithms=["none"])
    # ok: token-read-without-its-signature
    jwt.decode(text, key, algorithms=["HS256"], audience="us")
