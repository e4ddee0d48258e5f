"""Text that is written over in a terminal; the terminal itself is driven in tests/kernel/test_interrupts.py."""

from __future__ import annotations

import pytest

from kmagic.magics.results.refresh import can_refresh, frame, refresh


def test_what_was_written_is_replaced_and_fits_the_terminal() -> None:
    assert frame("a\nb", 0, 80, 24) == ("a\nb\n", 2)
    assert frame("c", 2, 80, 24) == ("\x1b[2F\x1b[Jc\n", 1)
    shown, height = frame("\n".join(map(str, range(50))), 0, 80, 10)
    assert (height, shown.splitlines()[-1]) == (8, "… 43 more lines")
    assert frame("x" * 100, 0, 20, 10) == ("x" * 19 + "\n", 1)


def test_it_goes_on_until_there_is_nothing_to_wait_for(capsys: pytest.CaptureFixture[str]) -> None:
    texts, waits = iter(("one", "two", "three")), iter((True, True, False))
    refresh(lambda: next(texts), lambda: next(waits))
    assert capsys.readouterr().out == "one\n\x1b[1F\x1b[Jtwo\n\x1b[1F\x1b[Jthree\n"


def test_ctrl_c_ends_it_quietly(capsys: pytest.CaptureFixture[str]) -> None:
    def interrupted() -> bool:
        raise KeyboardInterrupt

    refresh(lambda: "one", interrupted)
    assert capsys.readouterr().out == "one\n\n"


def test_a_program_and_a_pipe_are_no_terminal() -> None:
    assert can_refresh(object()) is False
