"""The ■ button and Ctrl-C while our code works: one line, the prompt is back, and the sandbox with its data is there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kernel import interrupts
from tests.kernel.harness import Kernel, kernel
from tests.kernel.terminal import Terminal, terminal

pytestmark = pytest.mark.timeout(240)

MOMENTS = 6


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernel]:
    """A kernel with a sandbox that it started itself."""
    with kernel(tmp_path_factory.mktemp("kernel")) as running:
        for code in interrupts.PREPARE:
            running.ok(code)
        yield running


@pytest.mark.parametrize("name", interrupts.ENDLESS)
def test_an_interrupt_in_a_kernel_is_one_line_and_the_sandbox_lives(busy: Kernel, name: str) -> None:
    for moment in range(MOMENTS):
        gave = interrupts.in_kernel(busy, name, 0.1 + 0.1 * moment)
        assert "KeyboardInterrupt" in "".join(gave.lines)
        assert "kmagic/" not in "".join(gave.lines)
        assert len(gave.lines) == 1 or name in interrupts.LOOPS, gave
    assert busy.evaluate(interrupts.ALIVE) == (True, "web")


def test_an_interrupt_of_the_users_own_code_keeps_its_traceback(busy: Kernel) -> None:
    cell = busy.send("print('begun', flush=True)\nimport time\ntime.sleep(60)")
    busy.until(cell, "begun")
    busy.interrupt()
    busy.finish(cell, timeout=20)
    assert cell.error is not None
    assert len(cell.error) > 1


@pytest.fixture(scope="module")
def keyboard(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Terminal]:
    """IPython in a terminal, with a sandbox that it started itself."""
    with terminal(tmp_path_factory.mktemp("terminal")) as running:
        interrupts.prepare_terminal(running)
        yield running


@pytest.mark.parametrize("name", [name for name in interrupts.ENDLESS if name not in interrupts.LOOPS])
def test_ctrl_c_in_a_terminal_is_one_line_and_the_sandbox_lives(keyboard: Terminal, name: str) -> None:
    for moment in range(MOMENTS):
        gave = interrupts.in_terminal(keyboard, name, 0.1 + 0.1 * moment)
        assert len(gave.lines) == 1, gave
        assert gave.lines[0].startswith("KeyboardInterrupt: ")
    assert "(True, 'web')" in keyboard.run(interrupts.ALIVE)


def test_a_followed_log_is_printed_in_a_terminal_until_ctrl_c(keyboard: Terminal) -> None:
    keyboard.type("%klogs -f web")
    keyboard.until("listening on port 8080")
    keyboard.interrupt()
    assert keyboard.prompt(20).replace("^C", "").strip() == "KeyboardInterrupt: interrupted at line 1: %klogs -f web"
    assert "False" in keyboard.run("_k.running")


def test_a_watch_is_refreshed_in_place_until_ctrl_c_and_lives_on(keyboard: Terminal) -> None:
    keyboard.type("%kwatch pods")
    keyboard.until("Ctrl-C ends this")
    keyboard.until("\x1b[J")  # written over, not below
    keyboard.interrupt()
    shown = keyboard.prompt(20)
    assert "Traceback" not in shown
    assert "KeyboardInterrupt" not in shown
    assert "'live'" in keyboard.run("_.state")
    assert "None" in keyboard.run("print(_k.stop())")


def test_what_is_shown_in_a_terminal_has_no_empty_prompt_and_no_colours_where_none_are_wanted(tmp_path: Path) -> None:
    with terminal(tmp_path, NO_COLOR="1") as plain:
        plain.run("%ksandbox start")
        assert plain.run("%kget ns").split()[:3] == ["NAME", "STATUS", "AGE"]
        assert plain.run("%kget pods nope").startswith("✕ Not found")
        assert plain.run("1 + 1").startswith("Out[5]: 2")
