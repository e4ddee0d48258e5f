"""The ■ button and Ctrl-C while our code works: one line, the prompt is back, and the sandbox with its data is there."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kernel.conftest import POD
from tests.kernel.harness import Kernel, kernel
from tests.kernel.terminal import Terminal, terminal

pytestmark = pytest.mark.timeout(240)

# Each would go on for a minute and more.
ENDLESS = {
    "wait": "%kwait pod/web --for condition=Never --timeout 60s",
    "until": "view.until(lambda rows: False, timeout=60)",
    "watch": "for event in client.core_v1.pods('default').watch(): pass",
    "list": "while True: client.core_v1.pods('default').list()",
    "get": "while True: get_ipython().run_line_magic('kget', 'pods')",
}
MOMENTS = 8
# Says so as soon as the main thread runs our code: what is interrupted before is the user's own.
ANNOUNCE = """
def announce(main=__import__("threading").get_ident()):
    import kmagic, sys, threading, time, traceback
    def ours():
        return any(kmagic.__path__[0] in each.filename for each in traceback.extract_stack(sys._current_frames()[main]))
    def watch():
        while not ours():
            time.sleep(0.001)
        print("begun", flush=True)
    threading.Thread(target=watch).start()
"""


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernel]:
    """A kernel with a sandbox that it started itself."""
    with kernel(tmp_path_factory.mktemp("kernel")) as running:
        running.ok("%ksandbox start")
        running.ok(POD)
        running.ok(ANNOUNCE)
        running.ok("import kmagic")
        running.ok("from kmagic.magics.extension import session_of\nprocess = session_of(get_ipython()).sandbox")
        running.ok("client = kmagic.Client(kubeconfig=process.kubeconfig)\nview = %kwatch pods")
        yield running


@pytest.mark.parametrize("name", ENDLESS)
def test_an_interrupt_in_a_kernel_is_one_line_and_the_sandbox_lives(busy: Kernel, name: str) -> None:
    for moment in range(MOMENTS):
        cell = busy.send(f"announce()\n{ENDLESS[name]}")
        busy.until(cell, "begun")
        time.sleep(0.1 * moment)  # the moment is what is tried here
        busy.interrupt()
        busy.finish(cell, timeout=20)
        assert cell.error is not None, cell.text
        assert "KeyboardInterrupt" in cell.text
        assert "kmagic/" not in cell.text
        # Between two calls the interrupt finds the user's own code at work, or IPython's.
        assert len(cell.error) == 1 or name in ("list", "get"), cell.text
    assert busy.evaluate("process.running")
    assert busy.evaluate("client.core_v1.pods('default').get('web').metadata.name") == "web"


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
        running.run("%ksandbox start")
        text = POD.partition("\n")[2]
        running.run(f"get_ipython().run_cell_magic('kapply', '', {text!r}) and None")
        running.run("%kwait pod/web --for condition=Ready --timeout 60s")
        running.run("import kmagic")
        running.run("from kmagic.magics.extension import session_of; process = session_of(get_ipython()).sandbox")
        running.run("client = kmagic.Client(kubeconfig=process.kubeconfig)")
        running.run("view = %kwatch pods")
        yield running


@pytest.mark.parametrize("name", ["wait", "until", "watch"])
def test_ctrl_c_in_a_terminal_is_one_line_and_the_sandbox_lives(keyboard: Terminal, name: str) -> None:
    for moment in range(MOMENTS):
        keyboard.type(f"print('beg' + 'un', flush=True); {ENDLESS[name]}" if name == "until" else ENDLESS[name])
        time.sleep(0.5 + 0.1 * moment)  # the moment is what is tried here
        keyboard.interrupt()
        shown = keyboard.prompt(20)
        lines = [line for line in shown.replace("^C", "").splitlines() if line not in ("", "begun")]
        if name == "wait":  # it says how the Pod is while it waits
            lines = [line for line in lines if not line.startswith("pod/web: ")]
        assert len(lines) == 1, shown
        assert lines[0].startswith("KeyboardInterrupt: ")
    assert "True" in keyboard.run("process.running")
    assert "'web'" in keyboard.run("client.core_v1.pods('default').get('web').metadata.name")


def test_a_followed_log_is_printed_in_a_terminal_until_ctrl_c(keyboard: Terminal) -> None:
    keyboard.type("%klogs -f web")
    keyboard.until("listening on port 8080")
    keyboard.interrupt()
    assert keyboard.prompt(20).replace("^C", "").strip() == "KeyboardInterrupt: interrupted at line 1: %klogs -f web"
    assert "False" in keyboard.run("_k.running")


def test_what_is_shown_in_a_terminal_has_no_empty_prompt_and_no_colours_where_none_are_wanted(tmp_path: Path) -> None:
    with terminal(tmp_path, NO_COLOR="1") as plain:
        plain.run("%ksandbox start")
        assert plain.run("%kget ns").split()[:3] == ["NAME", "STATUS", "AGE"]
        assert plain.run("%kget pods nope").startswith("✕ Not found")
        assert plain.run("1 + 1").startswith("Out[5]: 2")
