"""Second factors as a person at the browser has them: an app that counts, and a device that keeps passkeys."""

import time

from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from playwright.sync_api import Page


def code_of(secret: str, step: int = 0) -> str:
    """What the app shows now, or `step` times 30 seconds later."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + step))


def confirm(page: Page, password: str) -> None:
    """Type the password once more."""
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Continue").click()


def set_up_app(page: Page, password: str) -> str:
    """From the list of factors to an app that is on; its secret."""
    page.goto("/accounts/2fa/")
    page.get_by_role("link", name="Set up an app").click()
    confirm(page, password)
    secret = page.get_by_test_id("totp-secret").inner_text()
    page.get_by_label("Code").fill(code_of(secret, step=-1))
    page.get_by_role("button", name="Switch it on").click()
    page.get_by_test_id("recovery-codes").wait_for()
    return secret


def plug_in_device(page: Page) -> None:
    """A device in the browser that keeps passkeys and says yes to whatever it is asked."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
