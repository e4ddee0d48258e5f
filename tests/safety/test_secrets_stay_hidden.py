"""No credential in what a traceback with variables, an error, a log or a repr shows, on paths that fail."""

from __future__ import annotations

import base64
import logging
import stat
import traceback
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import anyio
import pytest
import yaml

from kmagic.client.client import AsyncClient
from kmagic.client.wire_logging import wire_log
from kmagic.config import load_config
from kmagic.config.client_config import ClientConfig
from kmagic.config.overrides import Overrides
from kmagic.errors import KubeError
from kmagic.models import core_v1

CANARY = "canary-5f2c"
NEEDLES = (
    CANARY,
    base64.b64encode(CANARY.encode()).decode().rstrip("=")[:-1],
    base64.b64encode(b"me:" + CANARY.encode()).decode()[4:-2],
)
REFUSED = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"
BROKEN = b"no answer at all\r\n\r\n"
PROXY_REFUSES = b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n"


def links(error: BaseException | None, printed: bool) -> list[BaseException]:
    """Every error a traceback shows, or else suppressed ones too."""
    found: list[BaseException] = []
    waiting = [error]
    while waiting:
        link = waiting.pop()
        if link is None or any(link is known for known in found):
            continue
        found.append(link)
        waiting += [link.__cause__, None if printed and link.__suppress_context__ else link.__context__]
        if isinstance(link, BaseExceptionGroup):
            waiting += link.exceptions
    return found


def shown_of(error: BaseException, *, printed: bool = False) -> list[tuple[str, str]]:
    """What a traceback with variables shows, each with where: texts, hints, the locals of the package's callees."""
    shown = []
    for link in links(error, printed):
        shown.append((type(link).__name__, "".join(traceback.format_exception_only(link)) + repr(link.args)))
        shown.append((type(link).__name__, repr(vars(link))))
        for frame, line in traceback.walk_tb(link.__traceback__):
            if frame.f_code.co_filename == __file__ or "pytest" in frame.f_code.co_filename:
                continue
            for name, value in frame.f_locals.items():
                try:
                    text = repr(value)
                except Exception:  # half-made objects have no repr
                    continue
                shown.append((f"{frame.f_code.co_filename}:{line} {frame.f_code.co_qualname} {name}", text))
    return shown


def leaks(shown: list[tuple[str, str]]) -> list[str]:
    return [f"{where}: {text[:300]}" for where, text in shown if any(needle in text for needle in NEEDLES)]


@pytest.fixture
async def answering() -> AsyncIterator[Callable[[bytes], Any]]:
    async with anyio.create_task_group() as group:

        async def start(answer: bytes) -> int:
            listener = await anyio.create_tcp_listener(local_host="127.0.0.1")

            async def handle(stream: Any) -> None:
                async with stream:
                    await stream.receive()
                    await stream.send(answer)

            async def serve() -> None:
                async with listener:
                    await listener.serve(handle)

            group.start_soon(serve)
            return int(listener.extra(anyio.abc.SocketAttribute.local_port))

        yield start
        group.cancel_scope.cancel()


def kubeconfig(folder: Path, user: dict[str, Any], cluster: dict[str, Any]) -> Path:
    path = folder / "config"
    content = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "c", "cluster": cluster}],
        "users": [{"name": "u", "user": user}],
        "contexts": [{"name": "x", "context": {"cluster": "c", "user": "u"}}],
        "current-context": "x",
    }
    path.write_text(yaml.safe_dump(content))
    return path


def program(folder: Path, text: str) -> str:
    path = folder / "plugin"
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


def plugin(folder: Path, text: str, **more: Any) -> dict[str, Any]:
    command = program(folder, text) if text else str(folder / "missing")
    exec_ = {"apiVersion": "client.authentication.k8s.io/v1", "command": command, "interactiveMode": "Never", **more}
    return {"exec": exec_}


CREDENTIAL = '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{%s}}'
SECRET_ENV = {"args": ["--token", CANARY], "env": [{"name": "TOKEN", "value": CANARY}]}
USERS: dict[str, Callable[[Path], dict[str, Any]]] = {
    "token": lambda _: {"token": CANARY},
    "a token with a line break": lambda _: {"token": f"{CANARY}\r\nX: y"},
    "a token that is not ASCII": lambda _: {"token": f"{CANARY}\u2028é"},
    "password": lambda _: {"username": "me", "password": CANARY},
    "both": lambda _: {"username": "me", "password": CANARY, "token": CANARY},
    "client key": lambda _: {
        "client-key-data": base64.b64encode(CANARY.encode()).decode(),
        "client-certificate-data": base64.b64encode(CANARY.encode()).decode(),
    },
    "plugin": lambda folder: plugin(folder, "echo '" + CREDENTIAL % f'"token":"{CANARY}"' + "'", **SECRET_ENV),
    "plugin with a broken answer": lambda folder: plugin(folder, f'echo \'{{"status": {{"token": "{CANARY}"\''),
    "plugin with half a pair": lambda folder: plugin(
        folder, "echo '" + CREDENTIAL % f'"clientKeyData":"{CANARY}"' + "'", **SECRET_ENV
    ),
    "plugin with a bad pair": lambda folder: plugin(
        folder, "echo '" + CREDENTIAL % f'"clientKeyData":"{CANARY}","clientCertificateData":"x"' + "'"
    ),
    "plugin that fails": lambda folder: plugin(folder, "exit 3", **SECRET_ENV),
    "plugin that is missing": lambda folder: plugin(folder, "", **SECRET_ENV),
    "plugin that is no program": lambda folder: plugin(folder, "\x00", **SECRET_ENV),
    "provider": lambda _: {
        "auth-provider": {
            "name": "oidc",
            "config": {
                "idp-issuer-url": "http://127.0.0.1:9",
                "client-id": "kube",
                "client-secret": CANARY,
                "id-token": CANARY,
                "refresh-token": CANARY,
            },
        }
    },
    "token file": lambda folder: {"tokenFile": _file(folder, CANARY)},
}
PEERS: dict[str, Callable[[int], dict[str, Any]]] = {
    "a password in the address": lambda port: {"server": f"http://me:{CANARY}@127.0.0.1:{port}"},
    "refuses": lambda port: {"server": f"http://127.0.0.1:{port}"},
    "nobody": lambda _: {"server": "http://127.0.0.1:9"},
    "no TLS": lambda port: {"server": f"https://127.0.0.1:{port}"},
    "proxy refuses": lambda port: {
        "server": "https://host.invalid",
        "proxy-url": f"http://me:{CANARY}@127.0.0.1:{port}",
    },
    "proxy forwards": lambda port: {
        "server": "http://host.invalid",
        "proxy-url": f"http://me:{CANARY}@127.0.0.1:{port}",
    },
    "no proxy": lambda _: {"server": "https://host.invalid", "proxy-url": f"http://me:{CANARY}@127.0.0.1:9"},
    "socks": lambda _: {"server": "https://host.invalid", "proxy-url": f"socks5://me:{CANARY}@127.0.0.1:9"},
    "a proxy that is none": lambda _: {"server": "https://host.invalid", "proxy-url": f"gopher://me:{CANARY}@h"},
}


def _file(folder: Path, text: str) -> str:
    path = folder / "secret-file"
    path.write_text(text)
    return str(path)


async def failure(path: Path) -> BaseException | None:
    try:
        config = load_config(path)
        async with AsyncClient(config=config, hooks=wire_log(10)) as client:
            with anyio.fail_after(20):
                await client.of(core_v1.Pod, "a").get("p")
    except Exception as error:  # each of them is looked at
        return error
    return None


@pytest.mark.parametrize("peer", PEERS)
@pytest.mark.parametrize("user", USERS)
async def test_no_credential_is_shown(
    tmp_path: Path, answering: Any, caplog: pytest.LogCaptureFixture, capfd: Any, user: Any, peer: Any
) -> None:
    caplog.set_level(logging.DEBUG)
    port = await answering(PROXY_REFUSES if "proxy" in peer else BROKEN if "TLS" in peer else REFUSED)
    path = kubeconfig(tmp_path, USERS[user](tmp_path), PEERS[peer](port))
    error = await failure(path)
    assert isinstance(error, KubeError)
    assert leaks(shown_of(error)) == []
    assert not any(needle in text for needle in NEEDLES for text in (caplog.text, *capfd.readouterr()))


NUMBER = "8452937615"
BROKEN_FILES = {
    "no YAML": f"users: [{{name: u, user: {{token: {CANARY}",
    "no UTF-8": f"users: [{{name: u, user: {{token: {CANARY}\udcff}}}}]",
    "no mapping": f"token {CANARY}",
    "a token of digits": f"users: [{{name: u, user: {{token: {NUMBER}}}}}]",
    "a password in a list": f"users: [{{name: u, user: {{password: [{CANARY}]}}}}]",
    "no base64": f"users: [{{name: u, user: {{client-key-data: '{CANARY}='}}}}]",
    "a name twice": f"users: [{{name: u, user: {{token: {CANARY}}}}}, {{name: u}}]",
    "a proxy that is no text": f"clusters: [{{name: c, cluster: {{proxy-url: ['http://a:{CANARY}@b']}}}}]",
    "arguments that are none": f"users: [{{name: u, user: {{exec: {{args: {{a: {CANARY}}}, env: {CANARY}}}}}}}]",
}


@pytest.mark.parametrize("content", BROKEN_FILES)
def test_no_error_of_a_kubeconfig_that_cannot_be_read_shows_a_credential(tmp_path: Path, content: str) -> None:
    path = tmp_path / "config"
    path.write_text(BROKEN_FILES[content], encoding="utf-8", errors="surrogateescape")
    with pytest.raises(KubeError) as raised:
        load_config(path)
    # What a traceback leaves out is not looked at: the reader's own error has the text it could not read.
    shown = [(where, text) for where, text in shown_of(raised.value, printed=True) if NUMBER in text]
    assert shown + leaks(shown_of(raised.value, printed=True)) == []


async def test_no_repr_of_a_configuration_shows_a_credential(tmp_path: Path) -> None:
    for number, (user, peer) in enumerate((u, p) for u in USERS.values() for p in PEERS.values()):
        folder = tmp_path / str(number)
        folder.mkdir()
        try:
            config = load_config(kubeconfig(folder, user(folder), peer(1)))
        except KubeError:
            continue
        assert not any(needle in repr(part) for needle in NEEDLES for part in (config, config.auth, config.tls))
    given = ClientConfig(server=f"https://me:{CANARY}@a:6443/x", proxy_url=f"http://me:{CANARY}@proxy:3128")
    assert CANARY not in repr(given)
    assert "proxy:3128" in repr(given)
    assert given.server == "https://a:6443/x"
    assert (given.auth.username, given.auth.password) == ("me", CANARY)
    assert CANARY not in repr(Overrides(token=CANARY, password=CANARY, key_data=CANARY.encode()))
