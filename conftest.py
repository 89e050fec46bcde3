"""The root of the tests; fixtures for all apps are in `pumpflix/tests/fixtures.py`."""

pytest_plugins = ["pumpflix.tests.fixtures"]
