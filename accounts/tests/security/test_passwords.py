"""Passwords of every length and alphabet, and how they are kept."""

import unicodedata

import bcrypt
import pytest
from django.contrib.auth.hashers import identify_hasher
from django.test import Client
from rest_framework.test import APIClient

from accounts.models import User
from accounts.tests.security.people import EMAIL, by_api, is_in, owner, sign_in
from pumpflix import hashers

pytestmark = [pytest.mark.app, pytest.mark.django_db]

ODD = {
    "72 bytes": "x" * 71 + "y",
    "73 bytes": "x" * 72 + "y",
    "128 characters": "tree " * 25 + "end",
    "emoji": "🐎🔋📎✂️🧷🪜🧯🧹🪣🧺",
    "spaces inside": "  a b  c   d  e  ",
    "another alphabet": "Παλιά καρυδιά στην αυλή",
    "quotes": "';-- \"$(id)` \\ {{7*7}}",
}


@pytest.fixture
def as_shipped(settings):
    """The tests' own hasher is quick and weak; these are about the real ones."""
    settings.PASSWORD_HASHERS = ["pumpflix.hashers.Argon2id", "pumpflix.hashers.Bcrypt"]


@pytest.mark.requirement(37)
@pytest.mark.parametrize("password", ODD.values(), ids=ODD)
def test_an_odd_password_is_taken_whole_and_lets_in(as_shipped, password):
    owner("somebody else's words", "first@mail.example")
    client = Client()
    client.post("/accounts/signup/", {"email": EMAIL, "password1": password})
    assert is_in(client)
    assert by_api(password=password).status_code == 200
    assert by_api(password=password[:-1]).status_code == 401


@pytest.mark.requirement(37, 38)
@pytest.mark.parametrize("password", ["x" * 4096, "y" * 5000, "a\x00b" * 5, "\x00" * 12, "🐎" * 129])
def test_what_cannot_be_a_password_is_refused_and_never_a_fault(as_shipped, password):
    owner()
    for path, fields in (("register", {"name": "x"}), ("login", {})):
        body = {"email": "new@mail.example", "password": password} | fields
        assert APIClient().post(f"/api/auth/{path}", body, format="json").status_code in (400, 401)
    assert Client().post("/accounts/signup/", {"email": "new@mail.example", "password1": password}).status_code == 200
    assert sign_in(Client(), password=password).status_code == 200
    assert not User.objects.filter(email="new@mail.example").exists()


@pytest.mark.requirement(37)
@pytest.mark.parametrize("hasher", ["pumpflix.hashers.Argon2id", "pumpflix.hashers.Bcrypt"])
def test_two_that_share_72_bytes_are_two(settings, hasher):
    settings.PASSWORD_HASHERS = [hasher]
    user = owner("s" * 72 + "one end")
    assert not user.check_password("s" * 72 + "other end")
    assert not user.check_password("s" * 72)
    assert user.check_password("s" * 72 + "one end")


@pytest.mark.requirement(37)
def test_new_passwords_are_argon2id_as_owasp_says(as_shipped):
    user = owner()
    assert user.password.startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")


@pytest.mark.requirement(37)
def test_a_bcrypt_hash_that_was_brought_along_lets_in_and_is_made_anew(as_shipped):
    user = owner()
    user.password = hashers.Bcrypt().encode("correct horse battery", bcrypt.gensalt(12))
    user.save()
    assert (identify_hasher(user.password).algorithm, "$12$" in user.password) == ("bcrypt_sha256", True)
    assert sign_in(Client()).status_code == 302
    user.refresh_from_db()
    assert identify_hasher(user.password).algorithm == "argon2"
    assert by_api().status_code == 200


@pytest.mark.requirement(37)
def test_one_password_typed_on_two_keyboards_is_two_spellings():
    """Composed and decomposed letters are compared as they come: nothing is cut off or folded unseen."""
    user = owner(unicodedata.normalize("NFC", "Ångström über Öresund"))
    assert not user.check_password(unicodedata.normalize("NFD", "Ångström über Öresund"))
    assert user.check_password(unicodedata.normalize("NFC", "Ångström über Öresund"))


@pytest.mark.requirement(38)
@pytest.mark.parametrize(
    "password", ["short", "1234567890", "qwertyuiop", "iloveyou12", "mypassword1", "Charlie123", "owner@mail.example"]
)
def test_what_everybody_tries_first_is_refused(password):
    owner("somebody else's words", "first@mail.example")
    answer = APIClient().post("/api/auth/register", {"email": EMAIL, "password": password}, format="json")
    assert (answer.status_code, answer.json()["problems"][0]["path"]) == (400, "password")
    assert not User.objects.filter(email=EMAIL).exists()


@pytest.mark.requirement(38)
@pytest.mark.parametrize(
    "password", ["alllowercase", "ALLUPPERCASE ONLY", "9308571246 11", "moon landing on a tuesday"]
)
def test_no_kind_of_letter_is_asked_for(password):
    owner("somebody else's words", "first@mail.example")
    answer = APIClient().post("/api/auth/register", {"email": EMAIL, "password": password}, format="json")
    assert answer.status_code == 201
