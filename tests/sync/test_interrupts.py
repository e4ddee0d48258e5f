from __future__ import annotations

import asyncio
import signal
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Future

import pytest

from kmagic.errors import KubeError
from kmagic.sync.interrupts import Interrupts, wait
from kmagic.sync.runtime import Runtime


@pytest.fixture(autouse=True)
def usual() -> Iterator[None]:
    """Every block gives SIGINT its usual handler back."""
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    yield
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


class Thing:
    pass


def press() -> None:
    """Ctrl-C, here and now."""
    signal.raise_signal(signal.SIGINT)


def press_where_it_is_thrown_away() -> None:
    """Ctrl-C in a weak reference's callback: Python reports the exception and goes on."""
    thing = Thing()
    kept = weakref.ref(thing, lambda _: (press(), work()))
    del thing
    assert kept() is None


def work() -> None:
    """Goes on for longer than anybody waits for an interrupt."""
    end = time.monotonic() + 30
    while time.monotonic() < end:
        pass


class Pressed(Future[str]):
    """A future during whose n-th look for a result somebody presses Ctrl-C.

    Attributes:
        ended: Whether it was asked to end.
    """

    def __init__(self, look: int = 0) -> None:
        super().__init__()
        self._left = look
        self.ended = False

    def result(self, timeout: float | None = None) -> str:
        self._left -= 1
        if self._left == 0:
            press()
        elif timeout is not None and not self.done():
            raise TimeoutError
        return super().result(timeout)

    def end(self) -> None:
        """Ends as a cancelled task does."""
        self.ended = True
        if self.cancel():
            self.set_running_or_notify_cancel()


def waited_for(future: Pressed, begin: Callable[[], object] = lambda: None) -> str:
    return wait(future, begin, future.end, 1)


thrown_away = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


def test_an_interrupt_ends_what_is_waited_for() -> None:
    future = Pressed(1)
    with pytest.raises(KeyboardInterrupt) as caught, Interrupts():
        waited_for(future)
    assert future.ended
    assert caught.value.__suppress_context__


@pytest.mark.parametrize("look", [1, 2], ids=["soon", "after a while"])
def test_a_wait_outside_of_a_block_is_ended_too(look: int) -> None:
    future = Pressed(look)
    with pytest.raises(KeyboardInterrupt):
        waited_for(future)
    assert future.ended


@pytest.mark.parametrize("block", [True, False], ids=["in a block", "outside of one"])
def test_one_that_came_while_it_began_ends_what_was_begun(block: bool) -> None:
    future = Pressed()
    with pytest.raises(KeyboardInterrupt):
        if block:
            with Interrupts():
                waited_for(future, press)
        else:
            waited_for(future, press)
    assert future.ended


@thrown_away
def test_one_that_python_threw_away_is_raised_at_the_next_wait() -> None:
    future = Pressed()
    with pytest.raises(KeyboardInterrupt), Interrupts():
        press_where_it_is_thrown_away()
        waited_for(future)
    assert future.ended


@thrown_away
def test_one_that_python_threw_away_is_raised_at_the_end_of_the_block() -> None:
    reached = False
    with pytest.raises(KeyboardInterrupt), Interrupts():
        press_where_it_is_thrown_away()
        reached = True
    assert reached


def test_short_work_is_finished_first() -> None:
    done = []
    with pytest.raises(KeyboardInterrupt), Interrupts():
        press()
        done.append(1)
    assert done == [1]


def test_long_work_is_torn() -> None:
    with pytest.raises(KeyboardInterrupt), Interrupts():
        press()
        work()
        pytest.fail("the work went on")


@thrown_away
def test_one_is_raised_while_another_error_is_answered() -> None:
    future = Pressed()
    with pytest.raises(KeyboardInterrupt), Interrupts():
        press_where_it_is_thrown_away()
        try:
            raise ValueError("answered by another try")
        except ValueError:
            waited_for(future)
    assert future.ended


def test_one_that_came_with_the_result_is_raised_after_it() -> None:
    future = Pressed(1)
    future.set_result("done")
    given = []
    with pytest.raises(KeyboardInterrupt), Interrupts():
        given.append(waited_for(future))
    assert given == ["done"]


def test_one_that_came_with_an_error_is_raised_in_its_place() -> None:
    future = Pressed(1)
    future.set_exception(KubeError("refused"))
    with pytest.raises(KeyboardInterrupt), Interrupts():
        waited_for(future)


def test_what_something_else_cancelled_is_no_interrupt() -> None:
    future = Pressed()
    future.end()
    with pytest.raises(CancelledError):
        waited_for(future)


def test_a_block_that_holds_is_finished_first() -> None:
    done = []
    with pytest.raises(KeyboardInterrupt), Interrupts() as interrupts, interrupts.held():
        press()
        done.append(1)
    assert done == [1]


def test_a_second_one_does_not_wait_for_a_block_that_holds() -> None:
    done = []
    with pytest.raises(KeyboardInterrupt), Interrupts() as interrupts, interrupts.held():
        press()
        press()
        done.append(1)
    assert not done


def test_clean_up_after_an_interrupt_is_waited_for() -> None:
    closed = Pressed()
    closed.set_result("closed")
    said = []
    with pytest.raises(KeyboardInterrupt), Interrupts():
        try:
            press()
            work()
        finally:
            said.append(waited_for(closed))
    assert said == ["closed"]


def test_one_that_was_answered_is_not_raised_again() -> None:
    with Interrupts() as interrupts:
        try:
            press()
            work()
        except KeyboardInterrupt:
            interrupts.taken()


def test_a_block_within_a_block_joins_it() -> None:
    with Interrupts() as outer:
        with Interrupts() as inner:
            assert inner is outer
        assert signal.getsignal(signal.SIGINT) is not signal.default_int_handler


def test_a_handler_of_the_program_stays() -> None:
    seen: list[int] = []
    signal.signal(signal.SIGINT, lambda number, _: seen.append(number))
    try:
        with Interrupts() as interrupts:
            press()
            interrupts.check()
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    assert seen == [signal.SIGINT]


def test_another_thread_waits_as_it_did() -> None:
    future = Pressed()
    given: list[str] = []

    def worker() -> None:
        with Interrupts():
            given.append(waited_for(future))

    thread = threading.Thread(target=worker)
    thread.start()
    future.set_result("done")
    thread.join(10)
    assert given == ["done"]


def test_a_call_that_was_interrupted_is_over_when_the_prompt_is_back() -> None:
    runtime = Runtime("pressed")
    main = threading.get_ident()
    seen: list[str] = []

    async def call() -> None:
        try:
            signal.pthread_kill(main, signal.SIGINT)
            await asyncio.Event().wait()
        finally:
            seen.append(threading.current_thread().name)

    for _ in range(20):
        with pytest.raises(KeyboardInterrupt):
            runtime.run(call())
    runtime.stop()
    assert seen == ["pressed"] * 20
