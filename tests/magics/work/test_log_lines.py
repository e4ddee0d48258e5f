"""Logs as values: how lines are kept and shown; reading them is tested through %klogs."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping

import anyio
import anyio.lowlevel
import httpx

from kmagic.client.client import AsyncClient
from kmagic.errors import BadRequestError
from kmagic.magics.work.log_lines import KLogs, LogsWanted, read_logs
from kmagic.testing.clock import FakeClock
from tests.transport.servers import InstantClock, ScriptedServer


def test_lines_are_text_to_search() -> None:
    logs = KLogs(["ready", "error: no disk", "error: no net"])
    assert len(logs) == 3
    assert list(logs) == logs.lines == logs.text.split("\n")
    assert logs.grep("error.*net$") == ["error: no net"]
    assert repr(logs) == logs.text


def test_a_long_log_shows_its_end_and_says_so() -> None:
    logs = KLogs(str(number) for number in range(250))
    shown = repr(logs).split("\n")
    assert shown[0].startswith("… 50 lines before")
    assert (shown[1], shown[-1], len(shown)) == ("50", "249", 201)
    assert len(logs) == 250


def test_several_pods_are_told_apart_unless_the_lines_say_it_already() -> None:
    assert LogsWanted("shop", ("a",)).mark("a") == ""
    assert LogsWanted("shop", ("a",), prefix=True).mark("a") == "[pod/a] "
    assert LogsWanted("shop", ("a", "b")).mark("b") == "[pod/b] "
    assert LogsWanted("shop", ("a", "b"), {"all_containers": True}).mark("b") == ""


def test_what_was_not_read_is_one_line_each() -> None:
    why = BadRequestError("waiting\nto start", status={"code": 400})
    logs = KLogs(["a"], unread={"web-1": why})
    assert repr(logs) == "a\npod/web-1 was not read: waiting to start"
    assert (logs.error, logs.lines) == (why, ["a"])


async def test_only_a_newline_ends_a_line() -> None:
    text = "one\u2028still one\x0b\x85 \ntwo  \n\n"
    server = ScriptedServer(lambda request: httpx.Response(200, text=text))
    client = AsyncClient(transport=server.transport(), clock=InstantClock())
    assert (await read_logs(client, LogsWanted("shop", ("a",)))).lines == ["one\u2028still one\x0b\x85 ", "two  ", ""]
    several = await read_logs(client, LogsWanted("shop", ("a", "b")))
    assert len(several) == 6


class Page:
    """What a notebook's page shows of a log."""

    def __init__(self) -> None:
        self.shown = ""
        self.changed = anyio.Event()

    def update(self, bundle: Mapping[str, str], *, raw: bool) -> None:
        assert raw
        self.shown = bundle["text/plain"]
        self.changed.set()
        self.changed = anyio.Event()


class Following(httpx.AsyncByteStream):
    """A log whose second line comes right after the first was shown, and that does not end."""

    def __init__(self, page: Page) -> None:
        self.page = page

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield b"one\n"
        while not self.page.shown:
            await self.page.changed.wait()
        yield b"two\n"
        await anyio.sleep_forever()


async def test_a_line_that_comes_while_the_page_is_left_alone_is_shown_after_it() -> None:
    page, clock = Page(), FakeClock()
    pod = {"kind": "Pod", "metadata": {"name": "a", "uid": "1"}, "spec": {"containers": [{"name": "main"}]}}

    def answer(request: httpx.Request) -> httpx.Response:
        followed = request.url.path.endswith("/log")
        return httpx.Response(200, stream=Following(page)) if followed else httpx.Response(200, json=pod)

    server = ScriptedServer(answer)
    client = AsyncClient(transport=server.transport(), clock=clock)
    logs = KLogs(follow=LogsWanted("shop", ("a",)))
    logs._page = page  # type: ignore[assignment]  # a display's handle, without a display
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(logs._run, client)
        with anyio.fail_after(20):
            while not page.shown:
                await page.changed.wait()
            assert page.shown == "one"
            while logs.lines != ["one", "two"]:
                await anyio.lowlevel.checkpoint()
            await clock.elapse(1.0)
        assert page.shown == "one\ntwo"
        tasks.cancel_scope.cancel()
