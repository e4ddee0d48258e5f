"""What a saved notebook keeps of a followed log."""

from __future__ import annotations

from kmagic.views.log_html import MAX_LINES, log_html, prefixes
from kmagic.views.log_line import LogLine, Source

WEB = [Source(0, "web-0", "main"), Source(1, "web-1", "main")]


def line(number: int, text: str, *, source: int = 0, level: str = "", mark: str = "") -> LogLine:
    return LogLine(number, ("", number), "", WEB[source].pod, "main", source, level, text, mark)


def test_as_much_of_a_name_is_written_as_tells_it_from_the_others() -> None:
    assert prefixes(WEB[:1]) == [""]
    assert prefixes(WEB) == ["web-0", "web-1"]
    assert prefixes([*WEB, Source(2, "web-1", "proxy")]) == ["web-0/main", "web-1/main", "web-1/proxy"]


def test_lines_are_escaped_and_say_whose_they_are() -> None:
    html, text = log_html(
        [line(1, "<b>\x1b[31mred", level="error"), line(2, "restarted", source=1, mark="restart")],
        total=12, sources=WEB, footer="deploy/web",
    )  # fmt: skip
    assert "… 10 lines before; .lines has them" in html
    assert '<span class="kml-error">&lt;b&gt;red</span>' in html
    assert '<span class="kml-mark">── restarted ──</span>' in html
    assert text.splitlines()[1:] == ["web-0 │ <b>^[[31mred", "── restarted ──"]


def test_what_is_kept_is_bounded_whatever_the_lines_are() -> None:
    lines = [line(at, "ä&" * 50_000) for at in range(MAX_LINES)]
    html, text = log_html(lines, total=MAX_LINES, sources=WEB, footer="")
    assert len(html.encode()) + len(text.encode()) < 25_000


def test_no_lines_are_said_to_be_none_yet() -> None:
    html, text = log_html([], total=0, sources=[], footer="deploy/web")
    assert text == "No lines yet"
    assert "No lines yet · deploy/web" in html
