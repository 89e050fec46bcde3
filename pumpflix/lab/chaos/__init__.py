"""The campaign of faults: the supervised product under load, while its processes are killed, judged from outside.

    python -m pumpflix.lab.chaos [--profile NAME]... [--seed N] [--executions N] [--ci]

One program starts the product as its user does (`pumpflix.supervisor`, a data folder and a port of its own), gives it
work over HTTP, hurts it by a seeded plan, waits for quiet, and judges. What is true is read from the ledger (a witness
that is never hurt) and from the rows, never asked of the product. `CHAOS_SEED` is printed; the same seed makes the same
workflows, values and faults again; when exactly a fault strikes is up to the machine.

To write a profile, add a module to `profiles/` with a function `run(options: Options) -> Verdict` and name it in
`profiles.PROFILES`. Its parts:

    with campaign(options, "poison", lease_s=3) as it:       # the stack runs, a person is signed in
        flows = it.deploy(12)                                 # workflows of all shapes, published; see `workload`
        cases = it.load(flows, 200, over_s=30, during=lambda: it.storm(kills=20))    # sends that much, faults meanwhile
        it.wait_quiet(120)                                    # until no execution is queued, running or waiting
        verdict = it.judge(cases)                             # lost, re-run, duplicates, invariants I1-I6
        verdict.check("victim_ended", it.truth.value("SELECT ...") == 0)
        return verdict

`it.client` is a signed-in REST client (`it.new_client()` another person, so another team); `it.truth` reads the
database (`rows`, `value`; it outlives restarts of the server); `it.stack` knows the processes (`workers()`,
`children_of(worker)`, `one("web")`, `start`, `stop`, `kill_tree`); `it.faults` hurts them and writes each fault down
with the database's time (`kill("worker")`, `kill("postgres")`, `freeze(process, seconds)`, `flush()`, ...);
`it.book` is the ledger; `it.watch` measures recovery and that ends are final. A graph of one's own, without expected
values, goes through `it.client.deploy(graph)`, and `it.client.start(workflow_id, body)` gives the execution's id.
"""
