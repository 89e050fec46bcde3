import pytest
from kombu.exceptions import OperationalError

from accounts.models import AuditEntry, Notification
from accounts.origin import Origin, within
from accounts.tests.factories import UserFactory
from templates_app.models import Category, SelfTest
from templates_app.services import curation
from templates_app.tests.factories import GRAPH, TemplateFactory
from workflows_app.errors import Unsuitable

pytestmark = [pytest.mark.app, pytest.mark.django_db]

TOKEN = "xoxb-" + "1234567890-abcdef"


@pytest.fixture
def curator():
    return UserFactory(is_curator=True)


def reds(template) -> list[str]:
    return [finding.question for finding in curation.review(template) if finding.is_red]


def test_a_submission_that_is_fine_is_published_and_its_author_told(curator):
    template = TemplateFactory(status="submitted")
    curation.publish(template, by=curator)
    template.refresh_from_db()
    assert (template.status, template.published_at is not None) == ("published", True)
    told = Notification.objects.get(user=template.created_by)
    assert template.name in told.title
    assert told.url == f"/templates/{template.slug}"


def test_a_broker_that_is_away_does_not_stop_a_curator(curator, monkeypatch, django_capture_on_commit_callbacks):
    def away(*_args, **_options):
        raise OperationalError("no broker")

    monkeypatch.setattr("celery.Celery.send_task", away)
    template = TemplateFactory(status="submitted")
    with django_capture_on_commit_callbacks(execute=True):
        curation.publish(template, by=curator)
    template.refresh_from_db()
    assert template.status == "published"


def test_every_decision_is_in_the_audit_trail(curator):
    template = TemplateFactory(status="submitted")
    with within(Origin("192.0.2.7", "Browser/1", "trace-12345678")):
        curation.publish(template, by=curator)
    entry = AuditEntry.objects.get(action="template.published")
    assert (entry.actor, entry.object_id, entry.ip_address) == (curator, str(template.pk), "192.0.2.7")
    assert (entry.user_agent, entry.request_id) == ("Browser/1", "trace-12345678")
    assert entry.details["before"]["status"] == "submitted"
    assert entry.details["after"]["status"] == "published"


def test_a_sample_that_no_longer_runs_blocks_publishing_and_says_why(curator):
    template = TemplateFactory(
        status="submitted", version__cassette=b'{"version":1,"trigger":{"node":"Nobody","items":[]}}'
    )
    with pytest.raises(Unsuitable, match="Self-test") as refused:
        curation.publish(template, by=curator)
    assert refused.value.instance_code == "template_not_publishable"
    template.refresh_from_db()
    assert template.status == "submitted"
    assert SelfTest.objects.order_by("-ran_at").first().result == "failed"


def test_a_secret_in_the_graph_is_found_by_its_node():
    graph = {**GRAPH, "nodes": [*GRAPH["nodes"][:1], {**GRAPH["nodes"][1], "notes": TOKEN}]}
    template = TemplateFactory(version__graph=graph)
    assert reds(template) == ["Secrets"]
    [finding] = [finding for finding in curation.review(template) if finding.is_red]
    assert "Rest" in finding.answer
    assert TOKEN not in finding.answer


def test_a_node_that_is_not_known_here_blocks_publishing():
    graph = {**GRAPH, "nodes": [*GRAPH["nodes"][:1], {**GRAPH["nodes"][1], "type": "n8n-nodes-base.unheardOf"}]}
    assert "Works here" in reds(TemplateFactory(version__graph=graph))


def test_a_title_without_words_or_version_is_not_published():
    assert reds(TemplateFactory(pitch=" ")) == ["Description"]
    template = TemplateFactory()
    template.current_version = None
    assert reds(template) == ["Version"]


def test_it_goes_back_with_a_note_and_can_be_submitted_again(curator):
    template = TemplateFactory(status="submitted")
    with pytest.raises(Unsuitable):
        curation.give_back(template, note="  ", by=curator)
    curation.give_back(template, note="Say what it costs.", by=curator)
    template.refresh_from_db()
    assert (template.status, template.review_note) == ("returned", "Say what it costs.")
    assert Notification.objects.get(user=template.created_by).text == "Say what it costs."
    curation.submit(template, by=template.created_by)
    template.refresh_from_db()
    assert (template.status, template.review_note) == ("submitted", "")
    with pytest.raises(Unsuitable):
        curation.submit(template, by=template.created_by)


def test_hidden_and_featured_titles(curator):
    template = TemplateFactory()
    curation.feature(template, by=curator)
    curation.hide(template, by=curator)
    template.refresh_from_db()
    assert (template.is_featured, template.status) == (True, "hidden")


def test_titles_and_rows_take_the_order_they_are_given(curator):
    titles = [TemplateFactory(position=place) for place in range(3)]
    curation.order_templates([titles[2].pk, titles[0].pk, titles[1].pk], by=curator)
    for title in titles:
        title.refresh_from_db()
    assert [title.position for title in titles] == [1, 2, 0]
    rows = [Category.objects.create(slug=slug, name=slug, tint=slug, position=0) for slug in ("watch", "money")]
    curation.order_rows([rows[1].pk, rows[0].pk, "00000000-0000-0000-0000-000000000000"], by=curator)
    assert list(Category.objects.filter(pk__in=[row.pk for row in rows]).values_list("slug", flat=True)) == [
        "money",
        "watch",
    ]
    assert AuditEntry.objects.filter(action="category.ordered").count() == 1
    curation.order_rows([rows[1].pk, rows[0].pk], by=curator)
    assert AuditEntry.objects.filter(action="category.ordered").count() == 1
