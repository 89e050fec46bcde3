"""What a person does in several points, named as the person would."""

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Page


@dataclass
class Person:
    """Somebody at a browser who is signed in."""

    page: Page
    email: str = ""

    def use(self, slug: str) -> str:
        """From a title into its wizard; returns the id of the new workflow."""
        self.page.goto(f"/templates/{slug}")
        self.page.get_by_test_id("tpl-use").click()
        self.page.get_by_test_id("wiz-step-1").wait_for()
        return workflow_id(self.page)

    def bring(self, graph: dict[str, Any]) -> str:
        """Import a workflow by pasting it; ends on its page and returns its id."""
        self.page.goto("/import")
        self.page.locator("textarea[name=text]").fill(json.dumps(graph))
        self.page.get_by_role("button", name="Check it").click()
        self.page.get_by_test_id("imp-report").get_by_role("button", name="Import it").click()
        self.page.get_by_role("heading", level=1, name=graph["name"]).wait_for()
        return workflow_id(self.page)

    def keep(self, kind: str, name: str, **fields: str) -> str:
        """Store a credential by its form; returns the address of its page."""
        self.page.goto(f"/credentials/new?type={kind}")
        self.page.get_by_label("Name", exact=True).fill(name)
        for field, value in fields.items():
            self.page.locator(f"[name='field-{field}']").fill(value)
        self.page.get_by_test_id("crd-save").click()
        self.page.get_by_role("heading", level=1, name=name).wait_for()
        return urlsplit(self.page.url).path

    def run(self) -> str:
        """Press *Run* on the workflow page; returns the id of the execution, which may still be going on."""
        before = self.page.url
        self.page.get_by_test_id("wf-run").click()
        self.page.wait_for_url(lambda url: "run=" in url and url != before)
        return self.page.url.split("run=")[1].split("&")[0].split("#")[0]

    def cancel(self, execution: str) -> None:
        """Stop a run that has served its purpose."""
        self.page.goto(f"/executions/{execution}")
        self.page.get_by_role("button", name="Cancel run").click()

    def wait_for(self, status: str) -> None:
        wait_for_status(self.page, status)


def wait_for_status(page: Page, status: str) -> None:
    """Until the run on the page says so."""
    page.locator("[data-run-status]").get_by_text(status).first.wait_for()


def workflow_id(page: Page) -> str:
    return page.url.split("/workflows/")[1].split("/")[0].split("?")[0]


def focused(page: Page, expression: str) -> Any:
    """`expression` of the element that has the focus, as `element`."""
    return page.evaluate(f"(element => {expression})(document.activeElement)")


def sample_run(page: Page, slug: str) -> str:
    """Run a title's sample to its end; returns the id of the execution."""
    page.goto(f"/templates/{slug}")
    page.get_by_test_id("tpl-run-sample").click()
    wait_for_status(page, "Succeeded")
    return page.url.split("run=")[1].split("#")[0].split("&")[0]
