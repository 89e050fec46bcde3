"""The admin: who may use it, what curators do there, and that nothing happens unseen."""

import re

import pytest
from django.urls import get_resolver, reverse
from redis import Redis

from accounts import branding
from accounts.models import AuditEntry, Branding, Team, User
from accounts.services import api_keys, audit
from accounts.tests.clients import enter_administration
from accounts.tests.factories import MembershipFactory, TeamFactory, UserFactory
from templates_app.models import Category, Template
from templates_app.tests.factories import CategoryFactory, TemplateFactory
from workflows_app.tests.factories import WorkflowFactory

pytestmark = [pytest.mark.app, pytest.mark.django_db]

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 40
ANY_ID = "0193f0c0-0000-7000-8000-000000000001"


@pytest.fixture
def curator(client):
    user = UserFactory(is_curator=True)
    client.force_login(user)
    return user


@pytest.fixture
def administrator(client):
    user = UserFactory(is_staff=True)
    enter_administration(client, user)
    return user


def admin_addresses() -> list[str]:
    """One address of every route below /admin/."""
    found: list[str] = []

    def walk(patterns, before):
        for one in patterns:
            route = before + str(one.pattern)
            if hasattr(one, "url_patterns"):
                walk(one.url_patterns, route)
            elif route.startswith("admin/"):
                plain = re.sub(r"<[^>]*>", ANY_ID, route).replace("^", "").replace("$", "")
                found.append("/" + re.sub(r"\(\?P[^)]*\)", "accounts", plain).replace(".*", "x").removesuffix("\\Z"))

    walk(get_resolver().url_patterns, "")
    return [address for address in found if "login" not in address and "logout" not in address]


def test_the_routes_of_the_admin_are_found():
    assert len(admin_addresses()) > 30


@pytest.mark.parametrize("address", admin_addresses())
def test_who_is_no_curator_is_told_no(client, address):
    client.force_login(UserFactory())
    assert client.get(address).status_code in (403, 404)
    assert client.post(address).status_code in (403, 404)


def test_a_visitor_signs_in_where_everybody_does(client):
    answer = client.get("/admin/")
    assert answer.status_code == 302
    assert reverse("account_login") in client.get(answer.url, follow=True).redirect_chain[0][0]


PEOPLE = ("accounts_user", "accounts_team", "accounts_branding", "accounts_auditentry")


@pytest.mark.parametrize("name", PEOPLE)
def test_people_are_not_a_curators_business(client, curator, name):
    assert client.get(reverse(f"admin:{name}_changelist")).status_code == 403


@pytest.mark.parametrize("name", [*PEOPLE, "templates_app_template", "templates_app_category"])
def test_every_list_opens_for_an_administrator(client, administrator, name):
    TemplateFactory()
    assert client.get(reverse(f"admin:{name}_changelist")).status_code == 200


@pytest.mark.parametrize("name", ["index", "health", "cache"])
def test_the_own_pages_open(client, administrator, name):
    page = client.get(reverse(f"admin:{name}"))
    assert page.status_code == 200
    assert "'unsafe-inline'" not in page["Content-Security-Policy"].split("script-src")[1].split(";")[0]


def test_health_asks_once_who_works(client, administrator, redis_client, monkeypatch):
    redis_client.set("pf:worker:one", "reduced: no user namespaces")
    scans, scan = [], Redis.scan_iter
    monkeypatch.setattr(Redis, "scan_iter", lambda *given, **how: scans.append(1) or scan(*given, **how))
    parts = {part.name: part for part in client.get(reverse("admin:health")).context["parts"]}
    assert (parts["Workers"].is_well, parts["Workers"].facts) == (True, [("Worker", "one")])
    assert parts["Sandbox"].facts[0] == ("one", "reduced: no user namespaces")
    assert len(scans) == 1


def test_the_first_page_says_what_waits(client, curator):
    waiting, published = TemplateFactory(name="Waits", status="submitted"), TemplateFactory(name="Out there")
    shown = client.get(reverse("admin:index")).content.decode()
    assert waiting.name in shown
    assert published.name not in shown
    assert "What happened last" not in shown


def test_the_first_page_tells_administrators_what_happened_last(client, administrator):
    audit.record("login.failed", actor=None, team=None)
    shown = client.get(reverse("admin:index")).content.decode()
    assert "What happened last" in shown
    assert "Login failed" in shown


def test_rows_say_how_many_titles_they_have(client, administrator):
    category = CategoryFactory(name="Keep watch")
    TemplateFactory(category=category)
    TemplateFactory(category=category, status="submitted")
    rows = client.get(reverse("admin:templates_app_category_changelist")).content.decode()
    assert re.search(r"field-titles[^>]*>\s*1\s*<", rows)


def test_branding_opens_its_form_at_once(client, administrator):
    address = reverse("admin:accounts_branding_changelist")
    assert 'name="tagline"' in client.get(address).content.decode()
    Branding.objects.create(pk=1, name="Northwind")
    assert "Northwind" in client.get(address).content.decode()


def test_a_failed_sign_in_is_shown_as_one(client, administrator):
    audit.record("login.failed", actor=None, team=None)
    rows = client.get(reverse("admin:accounts_auditentry_changelist")).content.decode()
    assert re.search(r">\s*failed\s*<", rows)


def test_health_is_for_administrators(client, curator):
    assert client.get(reverse("admin:health")).status_code == 403
    assert client.get(reverse("admin:cache")).status_code == 200


class TestSubmissions:
    def open(self, client, template):
        return client.get(reverse("admin:templates_app_template_change", args=[template.pk])).content.decode()

    def post(self, client, template, move, **data):
        address = reverse("admin:templates_app_template_move", args=[template.pk, move])
        return client.post(address, data, follow=True)

    def test_a_curator_sees_findings_graph_and_label_and_publishes(self, client, curator):
        template = TemplateFactory(status="submitted")
        shown = self.open(client, template)
        for piece in ("Self-test", "Secrets", "Works here", "Licence", "poster.svg", "What it touches"):
            assert piece in shown
        assert template.name in self.post(client, template, "publish").content.decode()
        template.refresh_from_db()
        assert template.status == "published"

    def test_publishing_is_disabled_while_the_self_test_is_red(self, client, curator):
        template = TemplateFactory(status="submitted", version__cassette=b"{}")
        shown = self.open(client, template)
        assert re.search(r"<button[^>]*disabled[^>]*data-testid=\"admin-publish\"", shown)
        assert "there is no sample" in shown.lower()
        assert "cannot be published" in self.post(client, template, "publish").content.decode()
        template.refresh_from_db()
        assert template.status == "submitted"

    def test_it_is_returned_with_a_note(self, client, curator):
        template = TemplateFactory(status="submitted")
        self.post(client, template, "give_back", note="Which table?")
        template.refresh_from_db()
        assert (template.status, template.review_note) == ("returned", "Which table?")

    def test_hidden_and_featured(self, client, curator):
        template = TemplateFactory()
        self.post(client, template, "feature")
        self.post(client, template, "hide")
        template.refresh_from_db()
        assert (template.is_featured, template.status) == (True, "hidden")

    def test_drafts_are_their_teams_business(self, client, curator):
        template = TemplateFactory(status="draft")
        assert template.name not in client.get(reverse("admin:templates_app_template_changelist")).content.decode()
        assert (
            client.post(reverse("admin:templates_app_template_move", args=[template.pk, "publish"])).status_code == 404
        )

    def test_a_decision_is_posted(self, client, curator):
        template = TemplateFactory(status="submitted")
        assert (
            client.get(reverse("admin:templates_app_template_move", args=[template.pk, "publish"])).status_code == 405
        )

    def test_a_curator_may_look_at_what_was_submitted(self, client, curator):
        template = TemplateFactory(status="submitted")
        assert client.get(f"/templates/{template.slug}").status_code == 200
        client.force_login(UserFactory())
        assert client.get(f"/templates/{template.slug}").status_code == 404


def test_rows_are_ordered_by_number_and_the_home_page_follows(client, curator, django_capture_on_commit_callbacks):
    CategoryFactory(slug="money", name="Money", tint="money", position=1)
    TemplateFactory(category=CategoryFactory(slug="money"))
    TemplateFactory(category=CategoryFactory(slug="watch", name="Watch", tint="watch", position=2))
    before = client.get("/").content.decode()
    assert before.index("row-money") < before.index("row-watch")
    rows = list(Category.objects.order_by("position", "slug"))
    form = {"form-TOTAL_FORMS": len(rows), "form-INITIAL_FORMS": len(rows), "_save": "Save"}
    for index, row in enumerate(rows):
        form |= {f"form-{index}-id": str(row.pk), f"form-{index}-position": len(rows) - index}
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post(reverse("admin:templates_app_category_changelist"), form).status_code == 302
    after = client.get("/").content.decode()
    assert after.index("row-watch") < after.index("row-money")
    assert AuditEntry.objects.filter(action="category.changed", actor=curator).exists()


class TestPeople:
    def test_a_change_is_audited_with_before_and_after(self, client, administrator):
        user = UserFactory(name="Old")
        form = {
            "email": user.email,
            "name": "New",
            "is_active": "on",
            "is_curator": "on",
            "locale": "",
            "time_zone": "",
        }
        form |= {"memberships-TOTAL_FORMS": 0, "memberships-INITIAL_FORMS": 0}
        answer = client.post(reverse("admin:accounts_user_change", args=[user.pk]), form, HTTP_USER_AGENT="Browser/1")
        assert answer.status_code == 302
        entry = AuditEntry.objects.get(action="user.changed")
        assert entry.details["before"] == {"name": "Old", "is_curator": False}
        assert entry.details["after"] == {"name": "New", "is_curator": True}
        assert (entry.actor, entry.user_agent, entry.ip_address) == (administrator, "Browser/1", "127.0.0.1")

    def test_nobody_takes_away_their_own_access(self, client, administrator):
        form = {"email": administrator.email, "name": "", "locale": "", "time_zone": ""}
        form |= {"memberships-TOTAL_FORMS": 0, "memberships-INITIAL_FORMS": 0}
        shown = client.post(reverse("admin:accounts_user_change", args=[administrator.pk]), form)
        assert "your own access" in shown.content.decode()
        administrator.refresh_from_db()
        assert administrator.is_staff

    def test_a_time_zone_that_does_not_exist_is_refused(self, client, administrator):
        form = {"email": administrator.email, "is_active": "on", "is_staff": "on", "time_zone": "Mars/Base"}
        form |= {"memberships-TOTAL_FORMS": 0, "memberships-INITIAL_FORMS": 0}
        shown = client.post(reverse("admin:accounts_user_change", args=[administrator.pk]), form)
        assert "There is no time zone of that name." in shown.content.decode()
        administrator.refresh_from_db()
        assert administrator.time_zone == ""

    def test_limits_and_roles_of_a_team(self, client, administrator):
        membership = MembershipFactory(team=TeamFactory(kind="shared"), role="viewer")
        form = {"name": "Crew", "max_running": 9, "max_queued": 50, "memberships-TOTAL_FORMS": 1}
        form |= {"memberships-INITIAL_FORMS": 1, "memberships-0-id": str(membership.pk), "memberships-0-role": "editor"}
        form |= {"memberships-0-team": str(membership.team_id), "memberships-0-user": str(membership.user_id)}
        client.post(reverse("admin:accounts_team_change", args=[membership.team_id]), form)
        membership.refresh_from_db()
        assert (Team.objects.get().max_running, membership.role) == (9, "editor")
        told = AuditEntry.objects.get(action="team.change_role")
        assert (told.actor, told.details["before"], told.details["after"]) == (administrator, "viewer", "editor")

    def test_another_person_in_the_same_row_is_one_who_left_and_one_who_came(self, client, administrator):
        owner, other = MembershipFactory(), UserFactory()
        member = MembershipFactory(team=owner.team, role="editor")
        key = api_keys.create(team=owner.team, by=member.user, name="k", scopes=["read"])
        form = {"name": owner.team.name, "max_running": 5, "max_queued": 50, "memberships-TOTAL_FORMS": 2}
        form |= {"memberships-INITIAL_FORMS": 2}
        for place, (row, user) in enumerate(((owner, owner.user), (member, other))):
            values = {"id": row.pk, "team": row.team_id, "user": user.pk, "role": row.role}
            form |= {f"memberships-{place}-{name}": str(value) for name, value in values.items()}

        client.post(reverse("admin:accounts_team_change", args=[owner.team_id]), form)

        member.refresh_from_db()
        assert member.user_id == other.pk
        with pytest.raises(api_keys.KeyInvalid):
            api_keys.read(key.key)
        told = AuditEntry.objects.filter(action__endswith="_member").order_by("number")
        assert [entry.action for entry in told] == ["team.remove_member", "team.add_member"]

    def test_who_is_taken_out_of_a_team_loses_their_key_and_what_was_theirs_alone(self, client, administrator):
        owner = MembershipFactory()
        member = MembershipFactory(team=owner.team, role="editor")
        key = api_keys.create(team=owner.team, by=member.user, name="k", scopes=["read"])
        kept = WorkflowFactory(team=owner.team, created_by=member.user, visibility="private")
        form = {"name": owner.team.name, "max_running": 5, "max_queued": 50, "memberships-TOTAL_FORMS": 3}
        form |= {"memberships-INITIAL_FORMS": 2, "memberships-1-DELETE": "on"}
        for place, row in enumerate((owner, member)):
            values = {"id": row.pk, "team": row.team_id, "user": row.user_id, "role": row.role}
            form |= {f"memberships-{place}-{name}": str(value) for name, value in values.items()}
        added = UserFactory()
        form |= {
            "memberships-2-team": str(owner.team_id),
            "memberships-2-user": str(added.pk),
            "memberships-2-role": "viewer",
        }

        client.post(reverse("admin:accounts_team_change", args=[owner.team_id]), form)

        assert set(owner.team.memberships.values_list("user", flat=True)) == {owner.user_id, added.pk}
        with pytest.raises(api_keys.KeyInvalid):
            api_keys.read(key.key)
        kept.refresh_from_db()
        assert kept.created_by == owner.user
        told = AuditEntry.objects.filter(team=owner.team, actor=administrator).values_list("action", flat=True)
        assert {"team.remove_member", "team.add_member"} <= set(told)

    def test_people_are_signed_out_everywhere(self, client, administrator):
        user = UserFactory()
        form = {"action": "end_sessions", "_selected_action": [str(user.pk)]}
        client.post(reverse("admin:accounts_user_changelist"), form)
        assert User.objects.get(pk=user.pk).sessions_valid_from is not None
        assert AuditEntry.objects.filter(action="user.signed_out", object_id=str(user.pk)).exists()

    def test_the_audit_trail_cannot_be_changed(self, client, administrator):
        TemplateFactory(status="submitted")
        assert client.get(reverse("admin:accounts_auditentry_add")).status_code == 403


class TestBranding:
    FORM = {"name": "Northwind", "tagline": "", "accent_light": "#0B5CAD", "accent_dark": "#7CC4FF"}

    def save(self, client, **more):
        return client.post(reverse("admin:accounts_branding_add"), {**self.FORM, **more})

    def test_name_and_accents_are_on_the_pages_at_once(self, client, administrator):
        assert branding.current()["name"] == "PumpFlix"
        assert client.get("/brand.css").content == b""
        assert self.save(client).status_code == 302
        assert branding.current()["name"] == "Northwind"
        assert b"light-dark(#0B5CAD, #7CC4FF)" in client.get("/brand.css").content

    def test_a_logo_is_what_its_bytes_say(self, client, administrator, tmp_path):
        logo = tmp_path / "logo.svg"
        logo.write_bytes(b"<svg onload='x'/>")
        with logo.open("rb") as picture:
            assert "neither a PNG" in self.save(client, picture=picture).content.decode()
        logo.write_bytes(PNG)
        with logo.open("rb") as picture:
            assert self.save(client, picture=picture).status_code == 302
        answer = client.get("/brand/logo")
        assert (answer.content, answer["Content-Type"]) == (PNG, "image/png")

    @pytest.mark.parametrize("colour", ["#fff", "red", "#FFFFF0", "url(x)"])
    def test_a_colour_that_cannot_be_read_is_refused(self, client, administrator, colour):
        assert self.save(client, accent_light=colour).status_code == 200
        assert not Branding.objects.exists()

    def test_without_a_logo_there_is_none(self, client):
        assert client.get("/brand/logo").status_code == 404


def test_titles_are_not_made_here(client, curator):
    assert client.get(reverse("admin:templates_app_template_add")).status_code == 403
    assert Template.objects.count() == 0
