"""P6: workers that hold leases are stopped for twice a lease and wake up again. What they still try to write has no
effect."""

from pumpflix.lab.chaos.campaign import Campaign, Options, campaign
from pumpflix.lab.chaos.report import Verdict

LEASE_S = 3.0


def run(options: Options) -> Verdict:
    freezes = 3 if options.is_ci else 50
    with campaign(options, "zombie", lease_s=LEASE_S) as it:
        deployed, over_s = it.deploy(8), freezes * (2 * LEASE_S + 2)
        cases = it.load(deployed, options.count(400, 60), over_s=over_s, during=lambda: freeze(it, freezes))
        it.wait_quiet(60)
        verdict = it.judge(cases)
        frozen = [fault for fault in it.faults.log if fault.kind == "freeze"]
        verdict.check("freezes", len(frozen) == freezes, len(frozen))
        verdict.check("freezes that hit a lease", all(fault.held for fault in frozen), [f.held for f in frozen])
        verdict.figures |= {"freezes": len(frozen), "leases_frozen": sum(fault.held for fault in frozen)}
        return verdict


def freeze(it: Campaign, times: int) -> None:
    for _ in range(times):
        victim = it.faults.worker_at_work()
        if victim is not None:
            it.faults.freeze(victim, 2 * LEASE_S)
        it.stack.wait_for_workers(2)
