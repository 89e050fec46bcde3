"""I1-I6 of a durable execution, as questions to the database that must find nothing."""

from pumpflix.lab.chaos.truth import Truth

QUESTIONS = {
    "I1 nothing is written after the end": """
        SELECT e.id::text FROM executions_app_execution e
         WHERE e.status = ANY(ARRAY['success', 'error', 'canceled', 'crashed'])
           AND (e.finished_at IS NULL OR e.lease_until IS NOT NULL
                OR EXISTS (SELECT 1 FROM executions_app_noderun n
                            WHERE n.execution_id = e.id AND n.finished_at > e.finished_at + interval '2 s'))
    """,
    "I2 one epoch writes at a time": """
        SELECT n.execution_id::text FROM executions_app_noderun n
          JOIN executions_app_execution e ON e.id = n.execution_id
         WHERE n.epoch > e.epoch
        UNION
        SELECT id::text FROM (
            SELECT execution_id AS id, epoch, max(epoch) OVER (PARTITION BY execution_id ORDER BY "order"
                   ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before
              FROM executions_app_noderun WHERE status = 'success') w
         WHERE epoch < before
    """,
    "I3 one recorded result per turn": """
        SELECT execution_id::text FROM executions_app_noderun WHERE status = 'success'
         GROUP BY execution_id, node, run_index HAVING count(*) > 1
        UNION
        SELECT execution_id::text FROM executions_app_noderun WHERE status = 'success'
         GROUP BY execution_id, "order" HAVING count(*) > 1
    """,
    "I5 events are numbered without a gap": """
        SELECT e.id::text FROM executions_app_execution e
          LEFT JOIN (SELECT execution_id, count(*) AS n, min(seq) AS low, max(seq) AS high
                       FROM executions_app_executionevent GROUP BY execution_id) s ON s.execution_id = e.id
         WHERE coalesce(s.n, 0) <> e.next_seq - 1 OR s.n > 0 AND (s.low <> 1 OR s.high <> s.n)
    """,
    "I6 nothing is stuck": """
        SELECT e.id::text FROM executions_app_execution e
         WHERE NOT (e.status = ANY(ARRAY['success', 'error', 'canceled', 'crashed']) OR e.status = 'queued'
                    OR e.status = 'running' AND (e.lease_until IS NOT NULL OR e.parent_id IS NOT NULL)
                    OR e.status = 'waiting' AND (e.resume_at IS NOT NULL OR e.resume_node <> ''))
    """,
}


def broken(truth: Truth) -> dict[str, list[str]]:
    """The executions that break a rule, by rule. I4, that what was accepted has a row, is the judge's."""
    found = {name: [row[0] for row in truth.rows(query)] for name, query in QUESTIONS.items()}
    return {name: ids for name, ids in found.items() if ids}
