import pytest
from django.core.management import CommandError, call_command

from accounts import keys
from accounts.tests.factories import TeamFactory
from pumpflix.lib.crypto import new_key_text
from workflows_app.services import credentials

pytestmark = pytest.mark.app


@pytest.fixture
def sealed_with_old(db, settings):
    """Three credentials; then a new key comes first."""
    old, new = new_key_text(), new_key_text()
    settings.ENCRYPTION_KEY = f"old:{old}"
    team = TeamFactory()
    for number in range(3):
        credentials.create(team=team, by=None, name=f"c{number}", type="httpBearerAuth", fields={"token": "t"})
    settings.ENCRYPTION_KEY = f"new:{new}, old:{old}"
    return new


def test_all_are_rewrapped_however_small_the_batches(sealed_with_old, settings, capsys):
    call_command("rewrap_keys", batch=2)
    assert capsys.readouterr().out == "rewrapped: 3, left: 0\n"
    settings.ENCRYPTION_KEY = f"new:{sealed_with_old}"
    assert keys.missing_keys() == []


def test_what_does_not_open_is_named_and_fails_the_command(sealed_with_old, settings):
    settings.ENCRYPTION_KEY = f"new:{sealed_with_old}"
    with pytest.raises(CommandError, match="Key 'old' is not on the keyring"):
        call_command("rewrap_keys")


def test_a_start_without_a_needed_key_stops_and_names_it(sealed_with_old, settings):
    settings.ENCRYPTION_KEY = f"new:{sealed_with_old}"
    with pytest.raises(CommandError, match="old"):
        call_command("prepare")
