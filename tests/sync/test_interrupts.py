from __future__ import annotations

import concurrent.futures
import signal
import threading
import time
import weakref
from collections.abc import Iterator

import pytest

from kmagic.sync.interrupts import Interrupts, wait


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


def pending() -> concurrent.futures.Future[str]:
    return concurrent.futures.Future()


def work() -> None:
    """Goes on for longer than anybody waits for an interrupt."""
    end = time.monotonic() + 30
    while time.monotonic() < end:
        pass


thrown_away = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


def test_an_interrupt_cancels_what_is_waited_for() -> None:
    future = pending()
    timer = threading.Timer(0.05, signal.pthread_kill, (threading.get_ident(), signal.SIGINT))
    timer.start()
    with pytest.raises(KeyboardInterrupt) as caught, Interrupts():
        wait(lambda: future, 0)
    assert future.cancelled()
    assert caught.value.__suppress_context__
    timer.join()


@pytest.mark.parametrize("seconds", [0.01, 0.2], ids=["soon", "after a while"])
def test_a_wait_outside_of_a_block_is_cancelled_too(seconds: float) -> None:
    future = pending()
    timer = threading.Timer(seconds, signal.pthread_kill, (threading.get_ident(), signal.SIGINT))
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        wait(lambda: future, 0)
    assert future.cancelled()
    timer.join()


@thrown_away
def test_one_that_python_threw_away_is_raised_at_the_next_wait() -> None:
    future = pending()
    with pytest.raises(KeyboardInterrupt), Interrupts():
        press_where_it_is_thrown_away()
        wait(lambda: future, 0)
    assert future.cancelled()


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
    future = pending()
    with pytest.raises(KeyboardInterrupt), Interrupts():
        press_where_it_is_thrown_away()
        try:
            raise ValueError("answered by another try")
        except ValueError:
            wait(lambda: future, 0)
    assert future.cancelled()


def test_one_that_came_with_the_result_is_raised_after_it() -> None:
    class Late(concurrent.futures.Future[str]):
        def result(self, timeout: float | None = None) -> str:
            found = super().result(timeout)
            press()
            return found

    future = Late()
    future.set_result("done")
    given = []
    with pytest.raises(KeyboardInterrupt), Interrupts():
        given.append(wait(lambda: future, 0))
    assert given == ["done"]


def test_one_that_came_while_it_began_cancels_what_was_begun() -> None:
    future = pending()

    def begin() -> concurrent.futures.Future[str]:
        press()
        return future

    with pytest.raises(KeyboardInterrupt), Interrupts():
        wait(begin, 0)
    assert future.cancelled()


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
    closed = pending()
    closed.set_result("closed")
    said = []
    with pytest.raises(KeyboardInterrupt), Interrupts():
        try:
            press()
            work()
        finally:
            said.append(wait(lambda: closed, 0))
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


@thrown_away
def test_an_error_of_the_block_is_not_hidden_by_an_interrupt() -> None:
    with pytest.raises(ValueError, match="first"), Interrupts():
        press_where_it_is_thrown_away()
        raise ValueError("first")


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
    future = pending()
    given: list[str] = []

    def worker() -> None:
        with Interrupts():
            given.append(wait(lambda: future, 0))

    thread = threading.Thread(target=worker)
    thread.start()
    future.set_result("done")
    thread.join(10)
    assert given == ["done"]
