"""Forms from opening the first page to what the sender sees at the end, as a browser without scripts does it."""

import asyncio
import html
import re
from typing import Any

import httpx
import pytest

from executions_app import payload_codec
from executions_app.ingest import Ingest
from executions_app.intake.batcher import IntakeBatcher
from executions_app.intake.forms import Forms, is_form
from executions_app.models import Execution
from executions_app.resume_links import form_link, resume_link
from executions_app.stream import Hub
from executions_app.tests.factories import execution_of
from executions_app.tests.intake.test_resume import send as resume
from executions_app.tests.parts import Parts
from workflows_app.models import Webhook
from workflows_app.services import workflows
from workflows_app.tests.factories import WorkflowFactory
from workflows_app.tests.graphs import assign, chain, node

pytestmark = [pytest.mark.app, pytest.mark.django_db(transaction=True)]

FIELDS = [
    {"fieldLabel": "Your name", "requiredField": True, "placeholder": "Ada"},
    {"fieldLabel": "Age", "fieldType": "number"},
    {"fieldLabel": "Mail", "fieldType": "email"},
    {
        "fieldLabel": "Colour",
        "fieldType": "dropdown",
        "fieldOptions": {"values": [{"option": "red"}, {"option": "blue"}]},
    },
    {"fieldLabel": "Days", "fieldType": "checkbox", "fieldOptions": {"values": [{"option": "Mon"}, {"option": "Tue"}]}},
    {"fieldLabel": "The file", "fieldType": "file", "multipleFiles": False, "acceptFileTypes": ".txt"},
    {"fieldLabel": "Born", "fieldType": "date", "formatDate": "dd/mm/yyyy"},
    {"fieldType": "hiddenField", "fieldName": "source", "fieldValue": "web"},
    {"fieldType": "html", "html": "<b>bold</b><script>alert(1)</script>"},
]
PAGE = {"values": [{"fieldLabel": "More", "requiredField": True}]}


def published(*nodes: dict[str, Any], **parameters: Any) -> Webhook:
    values = {"path": "ask", "formTitle": "Tell <us>", "formFields": {"values": FIELDS}, "options": {}, **parameters}
    workflow = WorkflowFactory(graph=chain(node("Ask", "formTrigger", 2.2, **values), *nodes))
    workflows.publish(workflow, by=workflow.created_by)
    return Webhook.objects.get(workflow=workflow)


def go(method: str, path: str, app: str = "forms", **request: Any) -> httpx.Response:
    """One request, as the web process takes it in."""

    async def ask() -> httpx.Response:
        batcher = IntakeBatcher(ring=lambda: None)
        batcher.start(asyncio.get_running_loop())
        apps = {"forms": lambda: Forms(batcher=batcher, ring=lambda: None), "hooks": lambda: hooks(batcher)}
        transport = httpx.ASGITransport(app=apps[app]())
        async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
            answer = await client.request(method, path, **request)
        await asyncio.to_thread(batcher.stop)
        return answer

    return asyncio.run(ask())


def hooks(batcher: IntakeBatcher) -> Ingest:
    return Ingest(batcher=batcher, hub=Hub(), public_url="https://flix.example/")


def submission(page: httpx.Response) -> str:
    return re.search(r'name="submission" value="(\w+)"', page.text)[1]


def filled(**values: Any) -> dict[str, Any]:
    return {"field-0_": "Ada", **{f"field-{key[1:]}_": value for key, value in values.items()}}


def items_of(execution: Execution, name: str = "Ask") -> dict[str, Any]:
    return payload_codec.decode(execution.node_runs.get(node=name).output)[0][0]


def text_of(answer: httpx.Response) -> str:
    return html.unescape(re.sub(r"<[^>]+>", " ", answer.text))


@pytest.mark.requirement(54)
def test_the_page_shows_every_field_and_no_script():
    published()
    answer = go("GET", "/form/ask?Age=36")
    assert (answer.status_code, is_form("/form/ask")) == (200, True)
    for text in ("Tell &lt;us&gt;", 'placeholder="Ada"', 'type="number"', 'value="36"', 'type="file"', "<b>bold</b>"):
        assert text in answer.text
    assert "<script" not in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]


@pytest.mark.parametrize("address", ["/form/ask", "/form/{token}"])
def test_what_was_entered_starts_a_run(parts: Parts, address: str):
    hook = published(node("After", "noOp"))
    files = {"field-5_": ("a.txt", b"hi", "text/plain")}
    data = filled(f1="36", f2="ada@example.com", f3="blue", f4=["Mon", "Tue"], f6="1999-12-31")
    answer = go("POST", address.format(token=hook.token), data=data, files=files)
    assert answer.status_code == 303
    execution = parts.run(Execution.objects.get())
    assert (execution.status, execution.mode) == ("success", "form")
    item = items_of(execution, "After")
    names = ("Your name", "Age", "Colour", "Days", "Born", "source", "formMode")
    assert {name: item["json"][name] for name in names} == {
        "Your name": "Ada", "Age": 36, "Colour": "blue", "Days": ["Mon", "Tue"], "Born": "31/12/1999", "source": "web",
        "formMode": "production",
    }  # fmt: skip
    assert item["json"]["The file"] == {"filename": "a.txt", "mimetype": "text/plain", "size": 2}
    assert item["json"]["submittedAt"].endswith("Z")
    assert item["binary"]["The_file"]["fileName"] == "a.txt"
    assert "Your answers have been recorded." in text_of(go("GET", answer.headers["location"]))


@pytest.mark.parametrize(
    "data, words",
    [
        ({"field-0_": "  "}, "Fill this in."),
        (filled(f1="many"), "Enter a number."),
        (filled(f1="1e999"), "Enter a number."),
        (filled(f2="nobody"), "Enter an e-mail address"),
        (filled(f3="green"), "Choose one of the answers."),
        (filled(f6="1999-13-41"), "Enter a date"),
    ],
)
def test_what_does_not_fit_is_said_beside_the_field_and_kept(data: dict[str, Any], words: str):
    published()
    answer = go("POST", "/form/ask", data=data)
    assert answer.status_code == 422
    assert words in text_of(answer)
    assert all(f'value="{value}"' in answer.text for key, value in data.items() if value.strip() and key != "field-3_")
    assert not Execution.objects.exists()


def test_a_file_of_another_kind_is_refused():
    published()
    answer = go("POST", "/form/ask", data=filled(), files={"field-5_": ("a.exe", b"hi", "application/x")})
    assert (answer.status_code, "Only these files" in answer.text) == (422, True)


def test_a_form_that_is_sent_twice_counts_once():
    published()
    data = {**filled(), "submission": submission(go("GET", "/form/ask"))}
    first, second = go("POST", "/form/ask", data=data), go("POST", "/form/ask", data=data)
    assert first.headers["location"] == second.headers["location"]
    assert Execution.objects.count() == 1


def test_further_pages_follow_and_the_last_one_ends_it(parts: Parts):
    further = node("Further", "form", 1, formFields=PAGE, options={"formTitle": "={{ $json['Your name'] }}, one more"})
    last = node(
        "Last", "form", 1, operation="completion", completionTitle="Done", completionMessage="Bye, <i>friend</i>"
    )
    published(further, last)
    here = go("POST", "/form/ask", data=filled()).headers["location"]
    execution = parts.run(Execution.objects.get())
    assert (execution.status, execution.reason) == ("waiting", "form")
    assert "Ada, one more" in text_of(go("GET", here))
    assert go("POST", here, data={"field-0_": ""}).status_code == 422
    again = go("POST", here, data={"field-0_": "plenty"})
    assert (again.status_code, again.headers["location"]) == (303, here)
    assert parts.run(execution).status == "success"
    assert items_of(execution, "Further")["json"]["More"] == "plenty"
    ending = go("GET", here)
    assert "Done" in ending.text
    assert "Bye, <i>friend</i>" in ending.text
    assert go("POST", here, data={"field-0_": "late"}).headers["location"] == here


@pytest.mark.requirement(54, 61)
@pytest.mark.parametrize(
    "parameters, words",
    [
        ({"respondWith": "redirect", "redirectUrl": "https://example.com/thanks"}, "url=https://example.com/thanks"),
        ({"respondWith": "redirect", "redirectUrl": "javascript:alert(1)"}, "Your answers have been recorded."),
        ({"respondWith": "showText", "responseText": "<h1>Mine</h1>"}, "<h1>Mine</h1>"),
    ],
)
def test_the_last_page_may_lead_on_or_be_ones_own(parts: Parts, parameters: dict[str, Any], words: str):
    published(node("Last", "form", 1, operation="completion", **parameters))
    here = go("POST", "/form/ask", data=filled()).headers["location"]
    parts.run(Execution.objects.get())
    answer = go("GET", here)
    assert words in answer.text
    assert ("sandbox" in answer.headers["content-security-policy"]) == ("Mine" in words)


def test_the_last_page_may_offer_a_file(parts: Parts):
    last = node("Last", "form", 1, operation="completion", respondWith="returnBinary", inputDataFieldName="The_file")
    published(last)
    files = {"field-5_": ("a.txt", b"hello", "text/plain")}
    here = go("POST", "/form/ask", data=filled(), files=files).headers["location"]
    parts.run(Execution.objects.get())
    assert f'href="{here}/file"' in go("GET", here).text
    answer = go("GET", f"{here}/file")
    assert (answer.content, answer.headers["content-disposition"]) == (b"hello", 'attachment; filename="a.txt"')


def test_an_error_is_told_where_the_sender_waits_for_the_end(parts: Parts):
    published(node("Stop", "stopAndError", errorMessage="secret reason"), responseMode="lastNode")
    here = go("POST", "/form/ask", data=filled()).headers["location"]
    parts.run(Execution.objects.get())
    answer = go("GET", here)
    assert (answer.status_code, "Something went wrong" in answer.text, "secret" in answer.text) == (500, True, False)


def test_a_respond_node_answers_the_sender(parts: Parts):
    respond = node("Respond", "respondToWebhook", 1.1, respondWith="text", responseBody="From the node")
    published(respond, responseMode="responseNode")
    here = go("POST", "/form/ask", data=filled()).headers["location"]
    parts.run(Execution.objects.get())
    assert go("GET", here).text == "From the node"


def test_own_words_after_sending():
    options = {"respondWithOptions": {"values": {"formSubmittedText": "Cheers!"}}}
    published(node("After", "noOp"), options=options)
    here = go("POST", "/form/ask", data=filled()).headers["location"]
    assert "Cheers!" in go("GET", here).text


def test_a_wait_for_a_form_shows_its_page(parts: Parts):
    hold = node("Hold", "wait", 1.1, resume="form", formTitle="Approve", formFields=PAGE)
    execution = parts.run(
        execution_of(chain(node("Start", "manualTrigger"), hold, node("After", "set", 3.4, **assign(a=1))))
    )
    answer = resume("GET", resume_link(execution.pk, "Hold", 0))
    assert (answer.status_code, answer.headers["location"]) == (303, form_link(execution.pk))
    assert "Approve" in go("GET", form_link(execution.pk)).text
    go("POST", form_link(execution.pk), data={"field-0_": "yes"})
    assert parts.run(execution).status == "success"
    assert items_of(execution, "After")["json"]["More"] == "yes"


@pytest.mark.parametrize("path", ["/form/nothing", "/form/run/x/y", "/form/", "/form/a%00b"])
def test_what_is_not_there_is_a_page_that_says_so(path: str):
    published()
    answer = go("GET", path)
    assert (answer.status_code, "text/html" in answer.headers["content-type"]) == (404, True)


def test_a_form_is_no_webhook_and_a_webhook_no_form():
    hook = published()
    for path in (f"/hook/{hook.token}", "/webhook/form:ask", "/webhook/ask"):
        assert go("POST", path, app="hooks", json={}).status_code == 404
    assert go("DELETE", "/form/ask").status_code == 405


def test_a_form_that_asks_for_a_password_is_closed_without_one():
    published(authentication="basicAuth")
    assert go("GET", "/form/ask").status_code in (401, 403)


def test_crawlers_are_kept_out_where_the_form_says_so():
    published(options={"ignoreBots": True})
    assert go("GET", "/form/ask", headers={"user-agent": "Googlebot"}).status_code == 403


HOSTILE = [
    "={{ $env }}",
    "={{7*7}}",
    "<script>alert(1)</script>",
    "<svg onload=alert(1)>",
    '=HYPERLINK("http://evil.example")',
    "\x00\ud83d",
    "' OR 1=1 --",
    "x" * 200_000,
]


@pytest.mark.requirement(3)
def test_hostile_answers_stay_text_and_are_evaluated_by_nobody(parts: Parts):
    """Through the form, a further page that shows them, and a node that passes them on."""
    page = node("Page", "form", 2.5, formFields={"values": [{"fieldLabel": "{{ $json['Your name'] }}"}]}, options={})
    fields = [{"fieldLabel": f"Field {number}"} for number, _ in enumerate(HOSTILE)]
    said = node("After", "set", 3.4, **assign(said="={{ $('Ask').item.json['Field 0'] }}"))
    published(page, said, formFields={"values": fields}, path="hostile")
    given = {f"field-{number}_": text.encode("utf-8", "replace").decode() for number, text in enumerate(HOSTILE)}
    answer = go("POST", "/form/hostile", data=given)
    assert answer.status_code == 303
    execution = Execution.objects.get()
    parts.run(execution)
    shown = go("GET", answer.headers["location"])
    assert "<script" not in shown.text
    assert "onload" not in shown.text
    assert go("POST", answer.headers["location"], data={"field-0_": "={{ 1 + 1 }}"}).status_code == 303
    assert parts.run(execution).status == "success", execution.error_text
    kept = items_of(execution)["json"]
    assert [kept[f"Field {number}"] for number in range(5)] == HOSTILE[:5]
    assert len(kept["Field 7"]) == 100_000
    assert items_of(execution, "After")["json"]["said"] == "={{ $env }}"


@pytest.mark.parametrize(
    "request_, status",
    [
        ({"content": b"field-0_=Ada", "headers": {"content-type": "text/plain"}}, 422),
        ({"json": {"field-0_": {"a": [1]}}}, 303),
        ({"json": [1, 2]}, 422),
        ({"content": b"--x\r\n", "headers": {"content-type": "multipart/form-data; boundary=x"}}, 400),
        ({"data": {f"field-{number}_": "1" for number in range(2000)}}, 400),
        ({"data": {"field-0_": "Ada", "field--1_": "x", "__proto__": "x", "submission": "x" * 9000}}, 303),
        ({"data": {"field-0_": "Ada", "field-1_": "1e400"}}, 422),
        ({"data": {"field-0_": "Ada", "field-6_": "9999-12-32"}}, 422),
        ({"files": {"field-0_": ("a.txt", b"x")}}, 422),
        ({"files": {"field-5_": ("../../a.txt", b"x")}, "data": {"field-0_": "Ada"}}, 303),
    ],
    ids=["text", "object", "list", "cut", "fields", "names", "number", "date", "file as text", "path"],
)
def test_what_no_page_sends_is_refused_as_a_page_or_left_out(request_: dict[str, Any], status: int):
    published()
    answer = go("POST", "/form/ask", **request_)
    assert answer.status_code == status, text_of(answer)[:300]
    assert Execution.objects.count() == (1 if status == 303 else 0)


def test_what_is_wrong_is_tied_to_its_field_for_those_who_hear_the_page():
    sizes = {"values": [{"option": "S"}, {"option": "L"}]}
    radio = {"fieldLabel": "Size", "fieldType": "radio", "requiredField": True, "fieldOptions": sizes}
    published(formFields={"values": [*FIELDS[:2], radio]})
    page = go("POST", "/form/ask", data={"field-1_": "x"}).text
    for number in (0, 1, 2):
        assert f'aria-describedby="field-{number}_error"' in page
        assert f'id="field-{number}_error"' in page
    assert page.count("<h1>") == page.count("<main") == 1
    assert 'role="alert"' in page
    assert 'for="field-0_"' in page
    assert "required" in page


@pytest.mark.parametrize("shows", [True, False])
def test_the_mark_of_the_instance_is_shown_unless_the_author_says_otherwise(parts: Parts, shows: bool):
    page = node("Page", "form", 2.5, formFields=PAGE, options={})
    published(page, path="marked", options={"appendAttribution": shows})
    assert ("PumpFlix" in go("GET", "/form/marked").text) is shows
    answer = go("POST", "/form/marked", data=filled())
    parts.run(Execution.objects.get())
    further = go("GET", answer.headers["location"]).text
    assert ("More" in further, "PumpFlix" in further) == (True, shows)
