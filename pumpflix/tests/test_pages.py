import pytest
from django.template.loader import render_to_string

from accounts.models import User

pytestmark = pytest.mark.app


@pytest.mark.parametrize("theme", ["dark", "light", "system"])
def test_the_theme_is_remembered(client, theme):
    answer = client.post("/theme", {"theme": theme, "next": "/about"})
    assert answer["Location"] == "/about"
    assert answer.cookies["theme"].value == theme


def test_the_server_draws_the_chosen_theme_at_once(client, db):
    client.cookies["theme"] = "light"
    assert b'data-theme="light"' in client.get("/about").content


def test_a_theme_nobody_knows_is_left_alone(client, db):
    assert "theme" not in client.post("/theme", {"theme": "<b>"}).cookies
    client.cookies["theme"] = "<b>"
    assert b"data-theme" not in client.get("/about").content


@pytest.mark.requirement(61)
@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "javascript:alert(1)", ""])
def test_nobody_is_sent_elsewhere(client, target):
    assert client.post("/theme", {"theme": "dark", "next": target})["Location"] == "/"


def test_a_look_does_not_change_the_theme(client):
    assert client.get("/theme").status_code == 405


@pytest.mark.parametrize("code", [403, 404, 500, 503])
def test_error_pages_stand_alone(code):
    shown = render_to_string(f"{code}.html")
    assert shown.count("<h1>") == shown.count("<main") == 1
    assert 'href="/"' in shown


def test_a_wrong_address_gets_the_page_of_ours(client, db):
    answer = client.get("/no/such/place")
    assert answer.status_code == 404
    assert b"Nothing is here" in answer.content


@pytest.mark.parametrize("address", ["/accounts/login/", "/accounts/signup/", "/accounts/password/reset/"])
def test_sign_in_pages_are_ours_and_know_password_managers(client, db, address):
    User.objects.create_user("first@mail.example")
    shown = client.get(address).content.decode()
    assert "auth-card" in shown
    assert "autocomplete=" in shown
    assert shown.count("<h1") == 1


@pytest.mark.requirement(55)
@pytest.mark.parametrize("address", ["/", "/search", "/about", "/import", "/accounts/login/"])
def test_no_page_needs_inline_script_style_or_handler(client, db, address):
    shown = client.get(address).content.decode()
    assert " style=" not in shown
    assert "<style" not in shown
    assert " onclick" not in shown
    assert shown.count("<script") == shown.count('<script type="module" src="/static/')


def test_wrong_credentials_are_said_beside_the_form(client, db):
    answer = client.post("/accounts/login/", {"login": "a@b.example", "password": "wrong-one-here"})
    assert b"notice-error" in answer.content
