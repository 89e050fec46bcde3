"""What the campaign against the API tells at its end."""

from pumpflix.lab.api_fuzz import parser, summary


def test_the_last_line_counts_calls_by_caller() -> None:
    calls = "owner workflowsGet 200\nowner tagsList 200\nvisitor tagsList 200\n"
    assert summary(calls, seed=7, is_green=True) == (
        "fuzz: 2 operations, 600 calls (owner 400, visitor 200), seed 7: nothing found"
    )


def test_it_says_when_something_was_found() -> None:
    assert summary("", seed=7, is_green=False).endswith("0 calls (), seed 7: see above what was found")


def test_owner_and_visitor_are_asked_most() -> None:
    wanted = parser().parse_args([])
    assert (wanted.most, wanted.least, wanted.seed) == (200, 25, None)
