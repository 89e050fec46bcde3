"""What a title page is told about the result of a sample."""

from templates_app.facts import result_of
from templates_app.rehearsal import Rehearsal
from workflows_app.engine.items import Item
from workflows_app.engine.ports import MailMessage, WebhookResponse


def test_mails_are_shown_as_mails():
    mail = MailMessage("a@b.example", ("c@d.example",), "Hello", html="<p>Hi</p><script>x</script>")
    found = result_of(Rehearsal(mails=[mail] * 5, last_items=[Item({"accepted": []})]))
    assert (found["kind"], found["total"], len(found["mails"])) == ("mail", 5, 3)
    assert found["mails"][0] == {"to": "c@d.example", "subject": "Hello", "html": "<p>Hi</p>", "text": ""}


def test_a_page_is_shown_as_a_page():
    found = result_of(Rehearsal(last_items=[Item({"html": "<h1>A</h1>", "rows": []})]))
    assert found == {"kind": "page", "html": "<h3>A</h3>"}


def test_the_answer_of_a_webhook_comes_first():
    answer = WebhookResponse(status=202, headers=(), body=b"ok")
    assert result_of(Rehearsal(response=answer, last_items=[Item({"html": "x"})]))["kind"] == "answer"


def test_several_pages_are_a_table():
    found = result_of(Rehearsal(last_items=[Item({"html": "x"}), Item({"html": "y"})]))
    assert (found["kind"], found["total"]) == ("table", 2)
