import re
import xml.etree.ElementTree as ET

import pytest
from django.core import signing

from accounts.models import Branding
from accounts.tests.factories import MembershipFactory, UserFactory
from executions_app import sample_access
from executions_app.models import Execution
from executions_app.tests.factories import ExecutionFactory
from executions_app.tests.selectors.runs import items, turn
from templates_app import catalog, gallery_cache
from templates_app.models import Category, SavedTemplate, SelfTest, Template
from templates_app.services.catalog import seed
from templates_app.tests.factories import TemplateFactory
from workflows_app.models import Workflow
from workflows_app.tests.factories import WorkflowFactory

pytestmark = [pytest.mark.app, pytest.mark.django_db]

SLUG = "webhook-transform-respond"


@pytest.fixture(autouse=True)
def _quiet_doorbell(monkeypatch):
    monkeypatch.setattr("executions_app.doorbell.ring", lambda: None)


FEW = (SLUG, "csv-clean-up", "json-diff")


@pytest.fixture
def gallery(monkeypatch) -> Template:
    """A few of the shipped titles; the one that is looked at."""
    few = [catalog.read(catalog.FOLDER / slug) for slug in FEW]
    monkeypatch.setattr(catalog, "titles", lambda: few)
    seed()
    return Template.objects.get(slug=SLUG)


def page(client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def test_an_empty_gallery_offers_an_import(client):
    assert "The gallery is empty" in page(client, "/")


def test_a_team_submits_its_own_title_and_reads_why_it_came_back(client):
    template = TemplateFactory(status="returned", review_note="Say what it costs.")
    client.force_login(template.created_by)
    address = f"/templates/{template.slug}"
    shown = page(client, address)
    assert "Say what it costs." in shown
    assert "tpl-submit" in shown
    assert client.post(f"{address}/submit").status_code == 302
    template.refresh_from_db()
    assert template.status == "submitted"
    assert "tpl-submit" not in page(client, address)


def test_nobody_submits_a_strangers_title(client):
    template = TemplateFactory(status="draft")
    client.force_login(UserFactory())
    assert client.post(f"/templates/{template.slug}/submit").status_code == 404
    viewer = MembershipFactory(team=template.team, role="viewer").user
    client.force_login(viewer)
    assert client.post(f"/templates/{template.slug}/submit").status_code == 404


def test_a_row_is_drawn_anew_when_a_card_of_it_changes_or_is_kept(client, gallery):
    person = UserFactory()
    client.force_login(person)
    assert 'data-save aria-pressed="true"' not in page(client, "/")
    SavedTemplate.objects.create(user=person, template=gallery)
    assert 'data-save aria-pressed="true"' in page(client, "/")
    Template.objects.filter(pk=gallery.pk).update(name="Another name")
    gallery_cache.renew(gallery.source_type)
    assert "Another name" in page(client, "/")
    client.logout()
    assert "data-save" not in page(client, "/")


def test_the_pages_carry_the_instances_brand(client):
    Branding.objects.create(pk=1, name="Northwind", accent_light="#0B5CAD")
    shown = page(client, "/")
    assert "Northwind</title>" in shown
    assert "/brand.css?v=" in shown


def test_home_has_rows_by_job_and_one_hero(client, gallery):
    shown = page(client, "/")
    assert "row-runs-now" in shown
    assert f"row-{gallery.category.slug}" in shown
    assert shown.count("home-hero") == 1
    assert shown.count("<h1") == shown.count("<main") == 1


def test_a_title_that_fails_its_self_test_is_on_no_row(client, gallery):
    SelfTest.objects.create(version=gallery.current_version, result="failed")
    assert f"card-{SLUG}" not in page(client, "/")
    assert f"card-{SLUG}" not in page(client, "/search?q=webhook")


def test_set_up_can_be_continued_from_home(client, gallery):
    workflow = WorkflowFactory(setup_done=False, name="Half done")
    client.force_login(workflow.created_by)
    assert f"/workflows/{workflow.pk}/setup" in page(client, "/")


@pytest.mark.parametrize("query", ["webhook", "webhok", "hook"])
def test_search_finds_words_beginnings_and_typos(client, gallery, query):
    assert f"card-{SLUG}" in page(client, f"/search?q={query}")


def test_search_narrows_to_a_job(client, gallery):
    assert f"card-{SLUG}" in page(client, f"/search?job={gallery.category.slug}")
    other = Category.objects.exclude(pk=gallery.category_id).first()
    assert other is not None
    assert f"card-{SLUG}" not in page(client, f"/search?job={other.slug}")


def test_search_without_hits_offers_what_runs(client, gallery):
    shown = page(client, "/search?q=qqqqqqq")
    assert "Nothing fits these words yet" in shown
    assert "These run right now" in shown


def test_a_query_is_shown_as_text(client):
    assert "<script>" not in page(client, "/search?q=<script>").split("<body>")[1].replace("<script type", "")


def test_a_title_tells_steps_label_needs_and_result(client, gallery):
    shown = page(client, f"/templates/{SLUG}")
    for heading in ("What it does", "What it touches", "What you need", "Sample result"):
        assert heading in shown
    assert "no other server" in shown
    assert re.search(r'data-testid="node-[^"]+"', shown)


@pytest.mark.parametrize("tail", ["", "/poster.svg", "/download"])
def test_what_is_not_published_is_not_there_for_others(client, gallery, tail):
    Template.objects.filter(pk=gallery.pk).update(status="draft")
    assert client.get(f"/templates/{SLUG}{tail}").status_code == 404
    assert client.get(f"/templates/no-such-title{tail}").status_code == 404


@pytest.mark.parametrize("query", ["", "?size=hero", "?frame=full", "?frame=final", "?frame=nonsense"])
def test_posters_are_pictures(client, gallery, query):
    answer = client.get(f"/templates/{SLUG}/poster.svg{query}")
    assert answer["Content-Type"] == "image/svg+xml"
    ET.fromstring(answer.content)


def test_the_posters_of_a_row_come_in_one_picture(client, gallery):
    home = page(client, "/")
    row = home.split('data-testid="row-runs-now"')[1].split("</section>")[0]
    addresses = set(re.findall(r'<img src="([^"#]+)#([a-z-]+)"', row))
    assert {slug for _, slug in addresses} == set(FEW)
    [address] = {address for address, _ in addresses}
    views = re.findall(r'<view id="([a-z-]+)"', page(client, address))
    assert sorted(views) == sorted(FEW)


def test_a_picture_of_many_titles_leaves_out_what_one_may_not_see(client, gallery):
    hidden = TemplateFactory(status="draft")
    shown = page(client, f"/posters.svg?of={SLUG}.1,{hidden.slug}.1,nothing,,")
    assert re.findall(r'<view id="([a-z-]+)"', shown) == [SLUG]


def test_a_poster_is_kept_by_the_browser(client, gallery):
    first = client.get(f"/templates/{SLUG}/poster.svg?v=1")
    assert "max-age" in first["Cache-Control"]
    again = client.get(f"/templates/{SLUG}/poster.svg?v=1", headers={"If-None-Match": first["ETag"]})
    assert again.status_code == 304


def test_a_sample_runs_for_someone_without_an_account(client, gallery):
    answer = client.post(f"/templates/{SLUG}/run")
    execution = Execution.objects.get()
    assert execution.mode == "sample"
    assert answer["Location"] == f"/templates/{SLUG}?run={execution.pk}#run"
    shown = page(client, f"/templates/{SLUG}?run={execution.pk}")
    assert f'data-execution="{execution.pk}"' in shown
    assert "Run again" in shown


def test_a_sample_of_somebody_else_shows_the_title_alone(client, gallery):
    client.post(f"/templates/{SLUG}/run")
    execution = Execution.objects.get()
    client.cookies.clear()
    assert "data-execution" not in page(client, f"/templates/{SLUG}?run={execution.pk}")
    assert "data-execution" not in page(client, f"/templates/{SLUG}?run=nonsense")


def test_a_sample_that_was_swept_shows_the_title_alone(client, gallery):
    gone = "01a20159-8027-75e6-8b0f-9912e2f11c9d"
    client.cookies[sample_access.COOKIE] = signing.dumps([gone], salt=sample_access.SALT)
    assert "data-execution" not in page(client, f"/templates/{SLUG}?run={gone}")


def test_a_finished_sample_shows_its_result(client, gallery):
    client.post(f"/templates/{SLUG}/run")
    execution = Execution.objects.get()
    turn(execution, "Answer", 0, items({"greeting": "Hello, Ada"}))
    assert "Hello, Ada" in page(client, f"/templates/{SLUG}?run={execution.pk}")


def test_use_makes_a_copy_and_leads_to_the_wizard(client, gallery):
    user = UserFactory()
    client.force_login(user)
    answer = client.post(f"/templates/{SLUG}/use")
    workflow = Workflow.objects.get(created_by=user)
    assert answer["Location"] == f"/workflows/{workflow.pk}/setup"


def test_a_wish_survives_signing_up(client, gallery):
    answer = client.post(f"/templates/{SLUG}/use")
    assert answer["Location"] == f"/accounts/signup/?next=/templates/{SLUG}/use"
    user = UserFactory()
    session = client.session
    wish = session["template_to_use"]
    client.force_login(user)
    session = client.session
    session["template_to_use"] = wish
    session.save()
    client.get(f"/templates/{SLUG}/use")
    assert Workflow.objects.filter(created_by=user).count() == 1


def test_a_link_alone_makes_no_copy(client, gallery):
    user = UserFactory()
    client.force_login(user)
    assert client.get(f"/templates/{SLUG}/use")["Location"] == f"/templates/{SLUG}"
    assert not Workflow.objects.filter(created_by=user).exists()


def test_the_download_is_n8n_json(client, gallery):
    answer = client.get(f"/templates/{SLUG}/download")
    assert {"nodes", "connections"} <= set(answer.json())
    assert f'filename="{SLUG}.json"' in answer["Content-Disposition"]


def test_about_says_what_is_promised(client):
    assert "never run again for that run" in page(client, "/about")


def saved(client, workflow: Workflow, execution: Execution, **changes):
    category = Category.objects.get(slug="clean")
    answers = {"name": "Mine", "description": "A pitch.", "category": category.pk, "sample": execution.pk}
    return client.post(f"/workflows/{workflow.pk}/promote", {**answers, **changes})


@pytest.fixture
def proven(gallery) -> Execution:
    """A run of a workflow of one's own that succeeded."""
    from django.utils import timezone

    from executions_app.tests.factories import version_of
    from workflows_app.tests.graphs import manual_set

    version = version_of(manual_set(greeting="Hello"))
    return ExecutionFactory(version=version, status="success", finished_at=timezone.now())


def test_a_workflow_is_saved_as_a_template_with_that_runs_data(client, proven):
    client.force_login(proven.workflow.created_by)
    answer = saved(client, proven.workflow, proven)
    template = Template.objects.get(name="Mine")
    assert answer["Location"] == f"/templates/{template.slug}"
    assert "Mine" in page(client, answer["Location"])


@pytest.mark.parametrize("changes", [{"name": ""}, {"category": "x"}, {"sample": ""}, {"thumbnail": "no link"}])
def test_what_is_missing_is_asked_for_and_nothing_is_saved(client, proven, changes):
    client.force_login(proven.workflow.created_by)
    answer = saved(client, proven.workflow, proven, **changes)
    assert answer.status_code == 422
    assert "aria-invalid" in answer.content.decode()
    assert not Template.objects.filter(source_type="user").exists()


def test_a_secret_in_the_graph_is_refused(client, proven):
    workflow = proven.workflow
    workflow.graph["nodes"][1]["parameters"]["assignments"]["assignments"][0]["value"] = "sk-" + "a1" * 12
    workflow.save()
    client.force_login(workflow.created_by)
    answer = saved(client, workflow, proven)
    assert answer.status_code == 422
    assert "looks like a secret" in answer.content.decode()


def test_the_run_of_a_stranger_is_no_sample(client, proven, gallery):
    other = WorkflowFactory()
    client.force_login(other.created_by)
    assert saved(client, other, proven).status_code == 422
