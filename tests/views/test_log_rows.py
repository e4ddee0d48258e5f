"""Many logs in one order, and what pages see of them."""

from __future__ import annotations

from collections.abc import Iterable

from kmagic.views.log_line import LogLine
from kmagic.views.log_rows import LogRows, LogSight


def line(number: int, second: float, text: str = "", *, source: int = 0, level: str = "", mark: str = "") -> LogLine:
    key = (f"{int(second):04d}", int(second % 1 * 1e9))
    return LogLine(number, key, "", f"web-{source}", "main", source, level, text or f"line {number}", mark)


def seen(sight: LogSight, count: int = 100) -> list[int]:
    return [each.number for each in sight.window(count)]


def rows(lines: Iterable[LogLine], kept: int = 100) -> LogRows:
    made = LogRows(kept)
    made.merge(lines)
    return made


def test_batches_that_overlap_are_in_the_order_of_their_times() -> None:
    made = rows([line(1, 1), line(2, 5)])
    sight = made.open()
    made.merge([line(3, 7), line(4, 3), line(5, 5)])
    assert seen(sight) == [1, 4, 2, 5, 3]
    made.merge([line(6, 0)])  # a log from long before
    assert seen(sight) == [6, 1, 4, 2, 5, 3]


def test_the_oldest_go_and_the_counts_with_them() -> None:
    made = rows([line(at, at, level="error" if at < 3 else "info") for at in range(5)], kept=3)
    assert [each.number for each in made.lines] == [2, 3, 4]
    assert (made.came, {k: v for k, v in made.levels.items() if v}) == (5, {"error": 1, "info": 2})
    made.merge([line(at, at) for at in range(10, 20)])
    assert [each.number for each in made.lines] == [17, 18, 19]
    assert not any(made.levels[level] for level in ("error", "info"))


def test_a_page_that_follows_sees_the_end_and_one_that_does_not_what_it_looked_at() -> None:
    made = rows([line(at, at) for at in range(10)], kept=10)
    one, other = made.open(), made.open()
    one.follow(False)
    one.first = 2
    assert seen(one, 3) == [2, 3, 4]
    made.merge([line(at, at) for at in range(10, 30)])
    assert seen(other, 3) == [27, 28, 29]
    assert (seen(one, 3), one.fresh, one.total) == ([2, 3, 4], 20, 10)
    one.follow(True)
    assert (seen(one, 3), one.fresh) == ([27, 28, 29], 0)


def test_a_filter_holds_for_what_is_there_and_for_what_comes() -> None:
    made = rows([line(1, 1, "good"), line(2, 2, "bad disk", level="error")])
    sight = made.open()
    sight.choose("level:error !net")
    assert seen(sight) == [2]
    made.merge([line(4, 4, "bad net", level="error"), line(3, 1.5, "bad fan", level="error"), line(5, 5, "good")])
    assert seen(sight) == [3, 2]
    sight.choose("re:/(/")
    assert (sight.error != "", seen(sight)) == (True, [3, 2])
    sight.choose("", levels=["error"], sources=[7])
    assert (sight.error, seen(sight)) == ("", [])
    sight.choose("")
    assert sight.total == 5


def test_marks_are_seen_with_the_lines_of_their_container_whatever_is_searched() -> None:
    made = rows(
        [line(1, 1, "good"), line(2, 2, "restarted", mark="restart"), line(3, 3, "gone", source=1, mark="gone")]
    )
    sight = made.open()
    sight.choose("nothing", levels=["error"])
    assert seen(sight) == [2, 3]
    sight.choose("nothing", sources=[0])
    assert seen(sight) == [2]


def test_the_lines_around_one_are_its_window() -> None:
    made = rows([line(at, at) for at in range(100)])
    sight = made.open()
    sight.follow(False)
    assert sight.around(50, 10) is True
    assert seen(sight, 10) == list(range(45, 55))
    assert sight.around(1000, 10) is False


def test_a_closed_page_is_told_nothing() -> None:
    made = rows([])
    sight = made.open()
    sight.choose("a")
    made.close(sight)
    made.close(sight)
    made.merge([line(1, 1, "a")])
    assert sight.total == 0
