"""Logs of containers."""

from typing import Any

import anyio
import pytest

from kmagic.sandbox.kubelet.logs import Line, LogBook, LogQuery


@pytest.fixture
def book() -> Any:
    made = LogBook()
    for second, text in enumerate(("one", "two", "three"), start=1):
        made.write("u", "c", Line(f"2026-01-01T00:00:0{second}Z", text, float(second)))
    return made


@pytest.mark.parametrize(
    ("query", "text"),
    [
        (LogQuery(), b"one\ntwo\nthree\n"),
        (LogQuery(tail=1), b"three\n"),
        (LogQuery(tail=0), b""),
        (LogQuery(since=2.0), b"two\nthree\n"),
        (LogQuery(limit_bytes=5), b"one\nt"),
        (LogQuery(tail=1, timestamps=True), b"2026-01-01T00:00:03Z three\n"),
        (LogQuery(previous=True), b""),
    ],
)
def test_a_log_is_read_as_asked(book: Any, query: Any, text: Any) -> None:
    assert book.read("u", "c", query) == text


def test_a_restart_keeps_the_log_before_it(book: Any) -> None:
    assert not book.has_previous("u", "c")
    book.end("u", "c", restarts=True)
    book.write("u", "c", Line("t", "again", 9.0))
    assert book.has_previous("u", "c")
    assert book.read("u", "c", LogQuery()) == b"again\n"
    assert book.read("u", "c", LogQuery(previous=True)) == b"one\ntwo\nthree\n"
    book.forget("u")
    assert book.read("u", "c", LogQuery()) == b""


async def test_a_follower_sees_lines_as_they_come_until_the_end(book: Any) -> None:
    seen: list[bytes] = []

    async def follow() -> None:
        async for chunk in book.follow("u", "c", LogQuery(tail=1)):
            seen.append(chunk)
            if b"three" in chunk:
                book.write("u", "c", Line("t", "four", 9.0))
            if b"four" in chunk:
                book.end("u", "c", restarts=False)

    with anyio.fail_after(5):
        await follow()
    assert b"".join(seen) == b"three\nfour\n"
