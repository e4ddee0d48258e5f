"""Static HTML."""

from __future__ import annotations

import re

import pytest

from kmagic.api.table import Column
from kmagic.views.html import MAX_ROWS, page_safe, pre_html, table_html
from kmagic.views.table import Row, Table

COLUMNS = (
    Column("Name", format="name"),
    Column("Ready"),
    Column("Status"),
    Column("Count", "integer"),
    Column("IP", priority=1),
)


def table(*rows: tuple[object, ...], remaining: int | None = None) -> Table:
    return Table(COLUMNS, tuple(Row(str(i), cells, "shop") for i, cells in enumerate(rows)), remaining=remaining)


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        pytest.param("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;", id="R17 markup"),
        pytest.param('" onload="x', "&quot; onload=&quot;x", id="R17 attributes"),
        pytest.param("\x1b[31mred\x1b[0m\x1b]0;title\x07", "red", id="R17 terminal codes"),
        pytest.param("a\u202eb\u200bc\x00", "abc", id="R17 characters that turn or hide"),
    ],
)
def test_text_of_a_cluster_is_only_text(text: str, safe: str) -> None:
    assert page_safe(text) == safe
    assert safe in table_html(table((text, "1/1", "Running", 1))) or "\x00" in text
    assert safe in pre_html(text)


def test_a_status_is_an_icon_a_word_and_a_colour() -> None:
    html = table_html(table(("a", "0/1", "CrashLoopBackOff", 1)))
    assert '<td class="bad" title="CrashLoopBackOff"><span aria-hidden="true">✕</span> CrashLoopBackOff</td>' in html


def test_a_number_that_bears_the_mark_stands_where_the_others_do() -> None:
    columns = (Column("Name", format="name"), Column("Desired", "integer"), Column("Ready", "integer"))
    html = table_html(Table(columns, (Row("a", ("a", 2, 2)),)))
    assert '<td class="n ok"><span aria-hidden="true">●</span> 2</td>' in html


def test_rows_beyond_the_cap_are_counted() -> None:
    many = table(*[("a", "1/1", "Running", 1)] * (MAX_ROWS + 10), remaining=940)
    html = table_html(many, footer="rv 7")
    assert html.count("<tr>") == MAX_ROWS + 1
    assert f"{MAX_ROWS} of 1,000 shown · rv 7" in html
    assert len(html) < 30_000


def test_small_tables_say_how_many_rows_there_are() -> None:
    assert "1 row<" in table_html(table(("a", "1/1", "Running", 1)))
    assert "No resources found" in table_html(table())


def test_wide_columns_and_the_namespace_are_shown_on_request() -> None:
    html = table_html(table(("a", "1/1", "Running", 1, "10.0.0.1")), wide=True, namespace=True)
    assert re.findall(r"<th[^>]*>([^<]+)", html) == ["NAMESPACE", "NAME", "READY", "STATUS", "COUNT", "IP"]
    assert "10.0.0.1" in html
    assert '<td class="n">1</td>' in html


def test_long_cells_are_cut() -> None:
    assert "x" * 301 not in table_html(table(("x" * 5000, "1/1", "Running", 1)))
