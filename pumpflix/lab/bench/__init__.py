"""`make bench`: what PumpFlix costs for an execution, beside what n8n costs for the same one.

`python -m pumpflix.lab.bench --help`. Workloads are n8n exports read from a folder of their own; both products are
measured from outside, with all their processes and servers, from the first request to the last execution stored.
"""
