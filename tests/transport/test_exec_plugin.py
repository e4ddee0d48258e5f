import contextlib
import json
import os
import select
import signal
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import anyio
import pytest

from kmagic.config.client_config import AuthConfig, ClientConfig, ExecConfig
from kmagic.errors import AuthError
from kmagic.transport.exec_plugin import ExecPlugin, Terminal, exec_plugin_for
from kmagic.transport.exec_policy import PluginPolicy
from tests.transport.servers import InstantClock

V1 = "client.authentication.k8s.io/v1"
BETA = "client.authentication.k8s.io/v1beta1"


@pytest.fixture
def plugin(tmp_path: Path) -> Any:
    """Makes a plugin that is a real program; each run adds a line to `runs`."""

    def make(
        answer: Any = "", *, code: int = 0, clock: Any = None, terminal: Any = None, script: Any = "", **config: Any
    ) -> Any:
        program = tmp_path / "login"
        runs = tmp_path / "runs"
        runs.touch()
        answer = answer if isinstance(answer, str) else json.dumps(answer)
        program.write_text(
            f"#!{sys.executable}\nimport os, sys\n"
            f"open({str(runs)!r}, 'a').write(os.environ.get('KUBERNETES_EXEC_INFO', '') + '\\n')\n"
            f"{script}\nsys.stdout.write({answer!r})\nsys.exit({code})\n"
        )
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
        settings = {"command": str(program), "api_version": V1, "interactive_mode": "Never", **config}
        made = ExecPlugin(
            ExecConfig(**settings), clock or InstantClock(), terminal=terminal or Terminal(notify=lambda text: None)
        )
        made.runs = lambda: runs.read_text().splitlines()
        return made

    return make


def credential(api_version: Any = V1, **status: Any) -> Any:
    return {"apiVersion": api_version, "kind": "ExecCredential", "status": status}


async def test_EX_03_no_expiry_is_cached_until_a_401(plugin: Any) -> None:
    made = plugin(credential(token="t"))
    assert await made.authorization() == "Bearer t"
    assert await made.authorization() == "Bearer t"
    assert await made.certificate() is None
    assert len(made.runs()) == 1
    assert not await made.renew("Bearer t")
    assert len(made.runs()) == 2


async def test_EX_03_renewed_shortly_before_it_expires(plugin: Any) -> None:
    clock = InstantClock()
    expiry = clock.wall().replace(microsecond=0).isoformat().replace("+00:00", "Z")
    expires_in = 600
    from datetime import timedelta

    expiry = (clock.wall() + timedelta(seconds=expires_in)).isoformat().replace("+00:00", "Z")
    made = plugin(credential(token="t", expirationTimestamp=expiry), clock=clock)
    await made.authorization()
    clock.seconds += 539
    await made.authorization()
    assert len(made.runs()) == 1
    clock.seconds += 2
    await made.authorization()
    assert len(made.runs()) == 2


async def test_EX_02_concurrent_calls_share_one_run(plugin: Any) -> None:
    made = plugin(credential(token="t"))
    found = []

    async def ask() -> None:
        found.append(await made.authorization())

    async with anyio.create_task_group() as group:
        for _ in range(100):
            group.start_soon(ask)
    assert found == ["Bearer t"] * 100
    assert len(made.runs()) == 1


async def test_EX_04_a_401_that_another_request_has_answered_does_not_run_again(plugin: Any) -> None:
    made = plugin(credential(token="new"))
    await made.authorization()
    assert await made.renew("Bearer old")
    assert len(made.runs()) == 1


async def test_EX_06_what_the_plugin_is_told(plugin: Any) -> None:
    cluster = {"server": "https://s"}
    made = plugin(credential(token="t"), provide_cluster_info=True, cluster_info=cluster)
    await made.authorization()
    info = json.loads(made.runs()[0])
    assert info == {
        "kind": "ExecCredential",
        "apiVersion": V1,
        "spec": {"interactive": False, "cluster": {"server": "https://s"}},
    }
    made = plugin(credential(token="t"), cluster_info=cluster)
    await made.authorization()
    assert "cluster" not in json.loads(made.runs()[-1])["spec"]


async def test_EX_06_its_environment_and_its_standard_error(plugin: Any) -> None:
    said = []
    made = plugin(
        credential(token="t"),
        terminal=Terminal(notify=said.append),
        script="sys.stderr.write('open this page: ' + os.environ['PAGE'])",
        env={"PAGE": "https://x"},
    )
    await made.authorization()
    assert "".join(said) == "open this page: https://x"


@pytest.mark.parametrize("expiry", ["9999-12-31T23:59:59-14:00", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00+14:00"])
async def test_EX_05_an_expiry_at_either_end_of_time_is_one(plugin: Any, expiry: str) -> None:
    assert await plugin(credential(token="t", expirationTimestamp=expiry)).authorization() == "Bearer t"


async def test_a_certificate_instead_of_a_token(plugin: Any) -> None:
    cert, key = "-----BEGIN CERTIFICATE-----\nA\n", "-----BEGIN PRIVATE KEY-----\nB\n"
    made = plugin(credential(clientCertificateData=cert, clientKeyData=key))
    assert await made.authorization() == ""
    assert await made.certificate() == (cert.encode(), key.encode())


@pytest.mark.parametrize(
    ("cert", "key", "what"),
    [("x", "-----BEGIN PRIVATE KEY-----", "certificate"), ("-----BEGIN CERTIFICATE-----", "hunter2", "key")],
)
async def test_EX_08_what_is_no_pem_is_said_so(plugin: Any, cert: Any, key: Any, what: Any) -> None:
    made = plugin(credential(clientCertificateData=cert, clientKeyData=key))
    with pytest.raises(AuthError, match=f"failed to find any PEM data in {what} input") as caught:
        await made.certificate()
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        pytest.param("nonsense", "decoding stdout: what it wrote does not begin with JSON", id="EX-08 no JSON"),
        pytest.param("", "decoding stdout: it wrote nothing", id="EX-08 silence"),
        pytest.param(
            credential(token="t", expirationTimestamp="2020-01-01T00:00:00"),
            "Expected `datetime` with a timezone component",
            id="EX-08 an expiry without a zone",
        ),
        pytest.param('{"apiVersion": 1}', "Expected `str`, got `int`", id="EX-08 another type"),
        pytest.param(
            "WARNING: kubelogin is old\n" + json.dumps(credential(token="t")),
            'begins with "WARNING: kubelogin is old"',
            id="EX-08 a warning before the answer",
        ),
        pytest.param(credential(BETA, token="t"), f"configured to use API version {V1}, plugin returned version {BETA}", id="EX-08 version"),
        pytest.param({"apiVersion": V1}, "didn't return a status field", id="EX-08 no status"),
        pytest.param(credential(), "didn't return a token or cert/key pair", id="EX-08 nothing"),
        pytest.param(credential(clientKeyData="K"), "only certificate or key, not both", id="EX-08 key alone"),
    ],
)  # fmt: skip
async def test_bad_answers(plugin: Any, answer: Any, message: Any) -> None:
    with pytest.raises(AuthError, match=message):
        await plugin(answer).authorization()


async def test_EX_08_a_bad_answer_does_not_show_the_token(plugin: Any) -> None:
    for text in ('{"status": {"token": "hunter2"', "hunter2", "token: hunter2", "info https://x.example/?key=hunter2"):
        with pytest.raises(AuthError) as caught:
            await plugin(text).authorization()
        assert "hunter2" not in str(caught.value)


async def test_EX_09_EX_12_exit_code(plugin: Any) -> None:
    calls = []
    made = plugin("", code=3, script="sys.stderr.write('no session\\n')")
    made._on_call = lambda code, status: calls.append((code, status))
    with pytest.raises(AuthError, match="failed with exit code 3") as caught:
        await made.authorization()
    assert caught.value.hint == "no session"
    assert calls == [(3, "plugin_execution_error")]


async def test_EX_09_EX_12_not_installed() -> None:
    config = ExecConfig(command="no-such-login", api_version=V1, interactive_mode="Never", install_hint="pip\x1b it")
    calls = []
    made = ExecPlugin(config, InstantClock(), on_call=lambda code, status: calls.append(status))
    with pytest.raises(AuthError, match="exec: executable no-such-login not found") as caught:
        await made.authorization()
    assert caught.value.hint == "pipU+001B it"
    assert calls == ["plugin_not_found_error"]


async def test_EX_11_the_policy_is_asked_first(plugin: Any) -> None:
    made = plugin(credential(token="t"))
    made._policy = PluginPolicy("DenyAll")
    with pytest.raises(AuthError, match="DenyAll"):
        await made.authorization()
    assert made.runs() == []


@pytest.mark.parametrize("version", ["client.authentication.k8s.io/v1alpha1", ""])
def test_EX_01_versions(version: str) -> None:
    with pytest.raises(AuthError, match=f'exec plugin: invalid apiVersion "{version}"'):
        ExecPlugin(ExecConfig(command="x", api_version=version, interactive_mode="Never"), InstantClock())


TTY, NO_TTY = Terminal(interactive=True), Terminal(interactive=False)
NO_STDIN = Terminal(interactive=True, why_not="used for the manifest")


@pytest.mark.parametrize(
    ("mode", "terminal", "interactive"),
    [
        pytest.param("Never", TTY, False, id="EX-07 never"),
        pytest.param("IfAvailable", TTY, True, id="EX-07 available"),
        pytest.param("IfAvailable", NO_TTY, False, id="EX-07 no terminal"),
        pytest.param("IfAvailable", NO_STDIN, False, id="EX-07 no stdin"),
        pytest.param("Always", TTY, True, id="EX-07 always"),
    ],
)
def test_interactive(mode: Any, terminal: Any, interactive: Any) -> None:
    config = ExecConfig(command="x", api_version=V1, interactive_mode=mode)
    assert ExecPlugin(config, InstantClock(), terminal=terminal).interactive is interactive


@pytest.mark.parametrize(
    ("mode", "terminal", "message"),
    [
        pytest.param("Always", NO_TTY, "standard input is not a terminal", id="EX-07 no terminal"),
        pytest.param("Always", NO_STDIN, "standard input is unavailable: used for the manifest", id="EX-07 no stdin"),
        pytest.param(
            "Always",
            Terminal(interactive=False, why_not="used for the manifest"),
            "standard input is not a terminal",
            id="EX-07 the terminal is looked at first",
        ),
        pytest.param("", TTY, 'unknown interactiveMode: ""', id="EX-07 missing"),
    ],
)
def test_not_interactive(mode: Any, terminal: Any, message: Any) -> None:
    config = ExecConfig(command="x", api_version=V1, interactive_mode=mode)
    with pytest.raises(AuthError, match=message):
        ExecPlugin(config, InstantClock(), terminal=terminal)


def test_EX_02_equal_configurations_share_a_plugin() -> None:
    def config(args: Any) -> Any:
        plugin = ExecConfig(command="x", args=args, api_version=V1, interactive_mode="Never")
        return ClientConfig(server="https://s", auth=AuthConfig(exec=plugin))

    first, second = exec_plugin_for(config(("a",)), InstantClock()), exec_plugin_for(config(("a",)), InstantClock())
    assert first is second
    assert exec_plugin_for(config(("b",)), InstantClock()) is not first


async def test_EX_12_every_call_is_counted(plugin: Any) -> None:
    calls = []
    for answer in (credential(token="t"), "nonsense"):
        made = plugin(answer)
        made._on_call = lambda code, status: calls.append((code, status))
        with contextlib.suppress(AuthError):
            await made.authorization()
    assert calls[0] == (0, "no_error")


async def test_an_interrupt_of_this_process_group_does_not_reach_a_plugin(plugin: Any) -> None:
    # For a plugin without the terminal; the view that waits for it in the background would fail.
    made = plugin(script="print(open('/proc/self/stat').read().split()[5], os.getpid(), file=sys.stderr); sys.exit(3)")
    with pytest.raises(AuthError) as caught:
        await made.authorization()
    session, pid = caught.value.hint.split()
    assert session == pid


def test_a_plugin_ends_when_its_process_is_killed(tmp_path: Path) -> None:
    program = tmp_path / "login"
    program.write_text(f"#!{sys.executable}\nimport os, time\nos.write(2, b'%d\\n' % os.getpid())\ntime.sleep(600)\n")
    program.chmod(0o700)
    code = f"""
import anyio, sys
from kmagic.config.client_config import ExecConfig
from kmagic.transport.clock import SystemClock
from kmagic.transport.exec_plugin import ExecPlugin
config = ExecConfig(command={str(program)!r}, api_version={V1!r}, interactive_mode="Never")
anyio.run(ExecPlugin(config, SystemClock()).authorization)
"""
    with subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.PIPE, text=True) as parent:
        descriptor = os.pidfd_open(int(parent.stderr.readline()))
        parent.send_signal(signal.SIGKILL)
    try:
        assert select.select([descriptor], [], [], 20)[0], "the plugin is still there"
    finally:
        os.close(descriptor)
