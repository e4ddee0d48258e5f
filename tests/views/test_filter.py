"""The search line."""

from __future__ import annotations

import pytest

from kmagic.api.table import Column
from kmagic.views.filter import FilterError, parse
from kmagic.views.table import Row

COLUMNS = tuple(Column(n) for n in ("Name", "Status", "Image", "Nominated Node", "Age"))
ROWS = tuple(
    Row(cells[0], cells, namespace)
    for namespace, cells in (
        ("shop", ("web-0", "Running", "nginx:1.27", "node-a", "5d")),
        ("shop", ("web-1", "Pending", "nginx:1.27", "<none>", "6d")),
        ("bank", ("db-0", "CrashLoopBackOff", "postgres:17", "node-b", "7d")),
    )
)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param("", "web-0 web-1 db-0", id="nothing lets everything through"),
        pytest.param("web", "web-0 web-1", id="a word"),
        pytest.param("WEB pend", "web-1", id="words, each somewhere"),
        pytest.param("!web", "db-0", id="without a word"),
        pytest.param("bank", "db-0", id="the namespace counts"),
        pytest.param("status:run", "web-0", id="a column"),
        pytest.param("status:run status:crash", "web-0 db-0", id="one column twice means either"),
        pytest.param("status:run name:db", "", id="two columns mean both"),
        pytest.param("!status:run|pend", "db-0", id="not a column"),
        pytest.param("!status:run !status:pend", "db-0", id="neither"),
        pytest.param("nominated-node:node", "web-0 db-0", id="a column of two words"),
        pytest.param("nom:b$", "db-0", id="the beginning of a column's name"),
        pytest.param("ns:bank", "db-0", id="the namespace column"),
        pytest.param(r"re:/web-\d+$/", "web-0 web-1", id="a regular expression on any cell, to its end"),
        pytest.param(r"re:/web-[0]\b/", "web-0", id="a regular expression on any cell"),
        pytest.param("!re:/web .*x?|web/", "db-0", id="not a regular expression, with a space in it"),
        pytest.param("nginx:1.27", "web-0 web-1", id="a word before the colon that is no column"),
        pytest.param("~pgr", "db-0", id="letters in order"),
        pytest.param("'web-0'", "web-0", id="quotes"),
        pytest.param("5d", "", id="ages do not match: they change by themselves"),
        pytest.param("!", "", id="a lone exclamation mark is a word"),
    ],
)
def test_what_is_found(text: str, found: str) -> None:
    match = parse(text, COLUMNS)
    rows = ROWS if match is None else tuple(filter(match, ROWS))
    assert " ".join(row.key for row in rows) == found


def test_a_wrong_expression_says_where() -> None:
    with pytest.raises(FilterError, match="not a regular expression") as caught:
        parse("web status:(", COLUMNS)
    assert caught.value.position == 4


def test_a_line_has_a_greatest_length() -> None:
    with pytest.raises(FilterError, match="at most"):
        parse("a" * 501, COLUMNS)
