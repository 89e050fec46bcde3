"""Every page of the product by address, for what has to hold on each of them."""

from dataclasses import dataclass

from playwright.sync_api import Page

from pumpflix.tests.e2e.ux.steps import Person
from workflows_app.tests.graphs import chain, node

OPEN_TO_ALL = (
    "/",
    "/search",
    "/search?q=csv",
    "/templates/json-diff",
    "/templates/overdue-invoice-chaser",
    "/import",
    "/about",
    "/accounts/login/",
    "/accounts/signup/",
    "/accounts/password/reset/",
)
MEMBERS_ONLY = (
    "/workflows",
    "/workflows/public",
    "/teams",
    "/runs",
    "/credentials",
    "/credentials/new",
    "/credentials/new?type=slackApi",
    "/credentials/new?type=oAuth2Api",
    "/profile",
    "/notifications",
    "/accounts/email/",
    "/accounts/password/change/",
    "/accounts/logout/",
    "/api/docs",
    "/api/docs/socket",
    "/api/docs/workflowsCreate",
)
FAULTS = ("/no/such/page", "/offline")
NOTHING_FOUND = ("/search?q=zzqqxx", "/workflows?q=zzqqxx", "/credentials?q=zzqqxx", "/runs?status=crashed")


@dataclass(frozen=True)
class Own:
    """What somebody has after using the product once: a title's workflow with a run, one of their own with a failed
    run, one that never ran; a credential."""

    wizard: str
    workflow: str
    run: str
    promote: str
    execution: str
    failed: str
    never_ran: str
    credential: str

    @property
    def addresses(self) -> tuple[str, ...]:
        return (
            self.wizard,
            self.workflow,
            self.run,
            self.promote,
            self.execution,
            self.failed,
            self.never_ran,
            self.credential,
            f"{self.credential}/delete",
            f"{self.workflow}/sharing",
        )


def settle(page: Page) -> Own:
    """Use the product as somebody would; leaves what `Own` says."""
    person = Person(page)
    never_ran = person.bring(chain(node("Start", "manualTrigger"), name="Never ran"))
    breaks = node("Breaks", "code", 2, jsCode="throw new Error('out of paper')")
    person.bring(chain(node("Start", "manualTrigger"), breaks, name="Night job"))
    failed = person.run()
    person.wait_for("Failed")
    workflow = f"/workflows/{person.use('json-diff')}"
    page.get_by_test_id("wiz-run").click()
    person.wait_for("Succeeded")
    execution = page.url.split("run=")[1].split("&")[0].split("#")[0]
    return Own(
        wizard=f"{workflow}/setup",
        workflow=workflow,
        run=f"{workflow}?run={execution}",
        promote=f"{workflow}/promote",
        execution=f"/executions/{execution}",
        failed=f"/executions/{failed}",
        never_ran=f"/workflows/{never_ran}",
        credential=person.keep("httpBearerAuth", "Shop key", token="a-token-for-nobody-0123"),
    )
