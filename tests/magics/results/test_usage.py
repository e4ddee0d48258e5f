"""Tables of usage: kubectl's columns as text, requests and limits in a page."""

from __future__ import annotations

from kmagic.magics.results.usage import Columns, KTop, Usage
from kmagic.views.usage import Amount

WEB = Usage("web", "shop", "", Amount(95, 64 << 20), Amount(50, None), Amount(100, 256 << 20))


def test_text_has_kubectls_columns_and_nothing_more() -> None:
    assert KTop([WEB], Columns()).text == "NAME   CPU(cores)   MEMORY(bytes)\nweb    95m          64Mi"
    assert KTop([], Columns(), nothing="No resources found").text == "No resources found"


def test_a_page_shows_what_is_close_to_its_limit_and_what_has_none() -> None:
    html = KTop([WEB, Usage("<b>", "shop")], Columns()).html
    assert "95m (95%)" in html
    assert 'class="n bad"' in html
    assert "none" in html
    assert "<b>" not in html


def test_the_rows_that_a_page_leaves_out_are_counted() -> None:
    assert "10 more rows" in KTop([WEB] * 60, Columns()).html
