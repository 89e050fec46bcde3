import os
import re

import pytest

from pumpflix import env
from pumpflix.env import ROOT, SettingsInvalid, load, names_of, read_file

LONG = "0123456789abcdef0123456789abcdef"


def problems_of(**given: str) -> list[str]:
    with pytest.raises(SettingsInvalid) as caught:
        load(given)
    return caught.value.problems


def test_a_laptop_needs_none():
    settings = load({})
    assert (settings.port, settings.database_url, settings.redis_url) == (8000, "", "")


def test_an_empty_value_counts_as_not_given():
    assert load({"PORT": " ", "REDIS_URL": ""}).port == 8000


def test_all_that_are_wrong_are_named_at_once():
    found = problems_of(
        PORT="eighty",
        DATABASE_URL="mysql://root@db/flix",
        PUMPFLIX_LOG_LEVEL="LOUD",
        PUMPFLIX_POTR="1",
        PUMPFLIX_TIME_ZONE="Mars/Olympus",
    )
    assert [problem.split(":")[0] for problem in found] == [
        "PUMPFLIX_POTR",
        "PORT",
        "DATABASE_URL",
        "PUMPFLIX_LOG_LEVEL",
        "PUMPFLIX_TIME_ZONE",
    ]


def test_a_misspelled_name_is_answered_with_the_right_one():
    assert problems_of(PUMPFLIX_ENCRYPTION_KYE=LONG) == [
        "PUMPFLIX_ENCRYPTION_KYE: no such setting; did you mean PUMPFLIX_ENCRYPTION_KEY?"
    ]


def test_a_wrong_value_is_named_as_the_reader_spelled_it_and_not_shown():
    assert problems_of(SESSION_SECRET="hunter2") == ["SESSION_SECRET: needs at least 32 characters"]


@pytest.mark.requirement(30)
@pytest.mark.parametrize(
    "value, reason",
    [
        ("your-32-character-encryption-key-here", "sample key"),
        (LONG, "32 characters are not 32 random bytes"),
        ("k1:short", "A key is 32 random bytes"),
    ],
    ids=["of the founding documents", "characters for bytes", "too short"],
)
def test_a_key_that_is_none_stops_the_start_and_is_not_shown(value, reason):
    [problem] = problems_of(ENCRYPTION_KEY=value)
    assert reason in problem
    assert value not in problem


@pytest.mark.parametrize(
    "field,alias,value",
    [
        ("secret_key", "SESSION_SECRET", LONG),
        ("encryption_key", "ENCRYPTION_KEY", "x7".join("0123456789abcdef" * 2)[:43]),
        ("encryption_algorithm", "ENCRYPTION_ALGORITHM", "aes-256-gcm"),
        ("database_pool_min", "DATABASE_POOL_MIN", "2"),
        ("database_pool_max", "DATABASE_POOL_MAX", "10"),
        ("database_timeout_ms", "DATABASE_TIMEOUT", "30000"),
        ("password_rounds", "HASH_SALT_ROUNDS", "12"),
        ("environment", "NODE_ENV", "production"),
    ],
)
def test_the_names_of_the_founding_documents_are_read(field, alias, value):
    assert str(getattr(load({alias: value}), field)) == value


def test_sign_in_with_google_needs_both_halves():
    assert problems_of(GOOGLE_CLIENT_ID="abc") == [
        "PUMPFLIX_GOOGLE_CLIENT_SECRET: is needed with PUMPFLIX_GOOGLE_CLIENT_ID"
    ]
    assert load({"GOOGLE_CLIENT_ID": "abc", "GOOGLE_CLIENT_SECRET": "def"}).google_client_id == "abc"


def test_a_pool_is_at_most_as_large_as_it_is_small():
    assert problems_of(DATABASE_POOL_MIN="9", DATABASE_POOL_MAX="3") == [
        "PUMPFLIX_DATABASE_POOL_MIN: is larger than PUMPFLIX_DATABASE_POOL_MAX"
    ]


@pytest.mark.parametrize(
    "name,value,told",
    [
        ("DATABASE_URL", "postgresql://db", "names no database"),
        ("REDIS_URL", "http://cache", "must start with redis:// or rediss:// or unix://"),
        ("PUMPFLIX_PUBLIC_URL", "flows.example.org", "must start with http:// or https://"),
        ("PUMPFLIX_EMAIL_URL", "mail.example.org:25", "must start with smtp:// or smtps://"),
    ],
)
def test_an_address_says_what_is_wrong_with_it(name, value, told):
    assert problems_of(**{name: value}) == [f"{name}: {told}"]


def test_a_file_of_settings_is_read_and_the_environment_wins(tmp_path, monkeypatch):
    file = tmp_path / ".env"
    file.write_text("# a comment\nPORT=9001\nexport PUMPFLIX_WORKERS='3'\n\nnot a setting\nPUMPFLIX_HOST=\"0.0.0.0\"\n")
    assert read_file(file) == {"PORT": "9001", "PUMPFLIX_WORKERS": "3", "PUMPFLIX_HOST": "0.0.0.0"}
    assert read_file(tmp_path / "missing") == {}
    monkeypatch.setattr(env, "ROOT", tmp_path)
    monkeypatch.setattr(os, "environ", {"PORT": "9002"})
    assert (env.from_process().port, env.from_process().workers) == (9002, 3)


def test_relative_folders_are_beside_manage_py():
    assert load({"PUMPFLIX_DATA_DIR": "elsewhere"}).data_dir == ROOT / "elsewhere"


def test_the_example_file_is_valid_and_names_every_setting():
    text = (ROOT / ".env.example").read_text(encoding="utf-8")
    named = set(re.findall(r"^#?\s?([A-Z][A-Z0-9_]+)=", text, flags=re.MULTILINE))
    assert {names_of(field)[0] for field in env.Env.model_fields} <= named
    assert named <= env.known_names(), "the example names a setting that does not exist"
    load(read_file(ROOT / ".env.example"))


def test_the_reference_page_is_the_declaration():
    page = ROOT / "docs" / "reference" / "settings.md"
    assert page.read_text(encoding="utf-8") == env.reference(), "run `make schemas`"
