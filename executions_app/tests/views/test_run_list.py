"""Views of the list of runs are kept per person."""

import pytest

from accounts.tests.factories import UserFactory
from executions_app.models import SavedView
from executions_app.tests.factories import execution_of

pytestmark = [pytest.mark.app, pytest.mark.django_db]


def save(client, **data):
    return client.post("/runs/views", data)


def test_a_view_keeps_what_the_address_says(client):
    user = UserFactory()
    client.force_login(user)
    save(client, name="Failed", status="error", before="ignored")
    save(client, name="Failed", status="crashed")
    assert list(SavedView.objects.values_list("user", "name", "query")) == [(user.pk, "Failed", "status=crashed")]
    assert b'href="/runs?status=crashed"' in client.get("/runs").content


@pytest.mark.parametrize("data", [{"name": "", "status": "error"}, {"name": "All"}])
def test_a_view_without_name_or_filter_is_refused_with_a_word(client, data):
    client.force_login(UserFactory())
    answer = client.post("/runs/views", data, follow=True)
    assert not SavedView.objects.exists()
    assert b"notice-error" in answer.content or b'role="alert"' in answer.content


def test_a_view_is_deleted_by_its_owner_alone(client):
    owner = UserFactory()
    view = SavedView.objects.create(user=owner, name="Mine", query="status=error")
    client.force_login(UserFactory())
    assert client.post(f"/runs/views/{view.pk}/delete").status_code == 404
    client.force_login(owner)
    client.post(f"/runs/views/{view.pk}/delete")
    assert not SavedView.objects.exists()


def test_news_are_counted_for_those_who_are_signed_in(client):
    execution = execution_of()
    assert client.get("/runs/news").status_code == 302
    client.force_login(execution.workflow.created_by)
    assert client.get("/runs/news?after=odd").json() == {"count": 1}


def test_the_last_day_there_is_narrows_nothing_down(client):
    client.force_login(UserFactory())
    assert client.get("/runs?until=9999-12-31").status_code == 200
