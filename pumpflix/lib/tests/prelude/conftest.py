import pytest

from pumpflix.lib.tests.prelude.realm import Realm


@pytest.fixture(scope="package")
def shared_realm() -> Realm:
    return Realm()


@pytest.fixture
def realm(shared_realm: Realm) -> Realm:
    """One world for all tests: none can change it, so none sees what another did."""
    shared_realm.answers.clear()
    shared_realm.calls.clear()
    return shared_realm
