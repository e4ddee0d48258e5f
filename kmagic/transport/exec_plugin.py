"""Credentials from a program: ``aws eks get-token``, ``gke-gcloud-auth-plugin``, ``kubelogin``.

Theory of operation. One `ExecPlugin` exists in a process for one configuration, so many clients run the program
once. It runs when there are no credentials, shortly before they expire, and after a 401; callers that come
meanwhile wait for the same run. The program runs beside the event loop and can be cancelled. It has a session of its
own unless it needs the terminal, so that an interrupt meant for a cell does not fail the views that wait for it, and
it ends with this process, however this ends.

Source: k8s.io/client-go/plugin/pkg/client/auth/exec/exec.go.
"""

from __future__ import annotations

import logging
import os
import re
import shutil
import sys
import weakref
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager, nullcontext, suppress
from datetime import datetime
from subprocess import DEVNULL, PIPE
from typing import TYPE_CHECKING, Annotated

import anyio
import anyio.abc
import msgspec

from kmagic.api.door import read_json
from kmagic.api.secrecy import SecretBytes, SecretText, hidden, revealed
from kmagic.errors import AuthError, DecodeError
from kmagic.rest.masking import visible
from kmagic.transport.auth import bearer
from kmagic.transport.exec_policy import PluginPolicy

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kmagic.api.clock import Clock
    from kmagic.config.client_config import ClientConfig, ExecConfig

__all__ = ("ExecPlugin", "Terminal", "exec_plugin_for")

_log = logging.getLogger("kmagic.auth")

_VERSIONS = ("client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1")
_ANNOUNCE_BYTES = 4096
# What a program says before its answer.
_REMARK = re.compile(r"[\W\d_]*(warn|error|info|note|notice|deprecat|usage|debug)", re.IGNORECASE)
_LONGEST_WORD = 24
# Renewed when this part of the lifetime is left, at most a minute: a request must not race with the expiry.
_MARGIN = 0.1
_MAX_MARGIN_SECONDS = 60.0
_LAST_SECOND = 250_000_000_000.0  # in the year 9892


class Terminal(msgspec.Struct, frozen=True):
    """The terminal of a plugin, for questions to the user.

    Attributes:
        interactive: Whether standard input is a terminal.
        why_not: Reason why there is no standard input, or "".
        notify: Takes what the plugin writes to standard error, as it comes ("open this page and enter ...").
    """

    interactive: bool = False
    why_not: str = ""
    notify: Callable[[str], object] = sys.stderr.write

    @classmethod
    def of_process(cls) -> Terminal:
        """The process's own; a notebook kernel has none."""
        return cls(sys.stdin is not None and sys.stdin.isatty())


class _Status(msgspec.Struct, rename="camel"):
    token: str = ""
    client_certificate_data: str = ""
    client_key_data: str = ""
    expiration_timestamp: Annotated[datetime, msgspec.Meta(tz=True)] | None = None

    def __post_init__(self) -> None:
        self.token, self.client_key_data = hidden(self.token), hidden(self.client_key_data)


class _ExecCredential(msgspec.Struct, rename="camel"):
    api_version: str = ""
    kind: str = ""
    status: _Status | None = None


class _Credentials(msgspec.Struct, frozen=True):
    token: SecretText
    certificate: tuple[bytes, bytes] | None
    renew_at: datetime | None

    @property
    def header(self) -> str:
        return bearer(self.token) if self.token else ""


class ExecPlugin:
    """Runs a credential plugin when it must.

    Args:
        config: The plugin's command, arguments and environment.
        clock: Says when credentials expire.
        environ: The environment it inherits.
        terminal: The plugin's terminal.
        policy: The programs that may run.
    """

    def __init__(
        self,
        config: ExecConfig,
        clock: Clock,
        *,
        environ: Mapping[str, str] = os.environ,
        terminal: Terminal | None = None,
        policy: PluginPolicy | None = None,
        on_call: Callable[[int, str], object] | None = None,
    ) -> None:
        if config.api_version not in _VERSIONS:
            raise AuthError(f'exec plugin: invalid apiVersion "{config.api_version}"')
        self._config = config
        self._clock = clock
        self._environ = environ
        self._terminal = terminal or Terminal.of_process()
        self._policy = policy or PluginPolicy()
        self._on_call = on_call
        self._credentials: _Credentials | None = None
        self._flight = anyio.Lock()
        self.interactive: bool = self._is_interactive()

    async def authorization(self) -> str:
        """``Bearer <token>``, or "" where the plugin gives a certificate."""
        return (await self._current()).header

    async def certificate(self) -> tuple[bytes, bytes] | None:
        """The certificate and key the plugin gave, PEM."""
        return (await self._current()).certificate

    async def renew(self, refused: str) -> bool:
        """Runs the plugin again unless another task did since `refused` was used."""
        async with self._flight:
            before = self._credentials
            if before is None or before.header == refused:
                self._credentials = await self._run()
            return self._credentials != before or (before is not None and before.header != refused)

    async def _current(self) -> _Credentials:
        if (found := self._fresh()) is not None:
            return found
        async with self._flight:
            if (found := self._fresh()) is None:
                found = self._credentials = await self._run()
            return found

    def _fresh(self) -> _Credentials | None:
        found = self._credentials
        if found is not None and found.renew_at is not None and self._clock.wall() >= found.renew_at:
            return None
        return found

    async def _run(self) -> _Credentials:
        command = self._policy.permitted(self._config.command, self._path())
        name = self._config.command
        _log.info("running the credential plugin %s", name)
        try:
            code, output, errors = await self._execute(command)
        except (FileNotFoundError, PermissionError) as error:
            self._count(1, "plugin_not_found_error")
            hint = visible(self._config.install_hint) or "install it, or check exec.command in the kubeconfig"
            raise AuthError(f"exec: executable {name} not found", hint=hint) from error
        if code != 0:
            self._count(code, "plugin_execution_error")
            raise AuthError(
                f"exec: executable {name} failed with exit code {code}",
                hint=_last_lines(errors) or "run it in a terminal to see why; a login may have expired",
            )
        self._count(0, "no_error")
        return self._read(output)

    async def _execute(self, command: str) -> tuple[int, SecretBytes, str]:
        process = await anyio.open_process(
            [command, *self._config.args],
            stdin=None if self.interactive else DEVNULL,
            stdout=PIPE,
            stderr=PIPE,
            env=self._environment(),
            start_new_session=not self.interactive,
        )
        output: SecretBytes
        errors = bytearray()

        async def forward() -> None:
            assert process.stderr is not None
            async for chunk in process.stderr:
                errors.extend(chunk[-_ANNOUNCE_BYTES:])
                self._terminal.notify(chunk.decode(errors="replace"))

        leash = nullcontext() if self.interactive else _leash(process.pid)
        async with aclosing(process), leash, anyio.create_task_group() as group:
            group.start_soon(forward)
            assert process.stdout is not None
            output = await _all_of(process.stdout)
            await process.wait()
        assert process.returncode is not None
        return process.returncode, output, errors.decode(errors="replace")

    def _environment(self) -> dict[str, str]:
        spec: dict[str, object] = {"interactive": self.interactive}
        if self._config.provide_cluster_info and self._config.cluster_info is not None:
            spec["cluster"] = dict(self._config.cluster_info)
        info = {"kind": "ExecCredential", "apiVersion": self._config.api_version, "spec": spec}
        return {
            **self._environ,
            **self._config.env,
            "KUBERNETES_EXEC_INFO": msgspec.json.encode(info).decode(),
        }

    def _path(self) -> str | None:
        path = {**self._environ, **self._config.env}.get("PATH")
        return shutil.which(self._config.command, path=path)

    def _read(self, output: SecretBytes) -> _Credentials:
        try:
            answer = read_json(output, "stdout", _ExecCredential)
        except DecodeError as error:
            raise AuthError(
                f"exec plugin {self._config.command}: decoding stdout: {_not_an_answer(output, error.__cause__)}",
                hint="it must write one ExecCredential in JSON there and nothing else: warnings belong on standard error",
            ) from None
        wanted = self._config.api_version
        if answer.api_version != wanted:
            raise AuthError(
                f"exec plugin is configured to use API version {wanted}, plugin returned version {answer.api_version}"
            )
        status = answer.status
        if status is None:
            raise AuthError("exec plugin didn't return a status field")
        if not (status.token or status.client_certificate_data or status.client_key_data):
            raise AuthError("exec plugin didn't return a token or cert/key pair")
        if bool(status.client_certificate_data) != bool(status.client_key_data):
            raise AuthError("exec plugin returned only certificate or key, not both")
        pair = None
        if status.client_certificate_data:
            pair = (status.client_certificate_data.encode(), status.client_key_data.encode())
            for what, pem in zip(("certificate", "key"), pair, strict=True):
                if b"-----BEGIN " not in pem:
                    raise AuthError(
                        f"failed parsing client key/certificate: failed to find any PEM data in {what} input"
                    )
        return _Credentials(hidden(status.token), pair, self._renew_at(status.expiration_timestamp))

    def _renew_at(self, expiry: datetime | None) -> datetime | None:
        if expiry is None:
            return None
        now = self._clock.wall()
        margin = (expiry - now) * _MARGIN
        seconds = min(max(margin.total_seconds(), 0.0), _MAX_MARGIN_SECONDS)
        # An expiry for ever, or before all time, in another zone may be beyond the years there are.
        at = min(max(expiry.timestamp() - seconds, 0.0), _LAST_SECOND)
        return datetime.fromtimestamp(at, tz=now.tzinfo)

    def _is_interactive(self) -> bool:
        mode = self._config.interactive_mode
        if mode == "Never":
            return False
        if mode == "IfAvailable":
            return self._terminal.interactive and not self._terminal.why_not
        if mode == "Always":
            if not self._terminal.interactive:
                raise AuthError(
                    "exec plugin cannot support interactive mode: standard input is not a terminal",
                    hint=f"log in with {self._config.command} in a terminal first, "
                    "or set interactiveMode: IfAvailable for this user in the kubeconfig",
                )
            if self._terminal.why_not:
                raise AuthError(
                    "exec plugin cannot support interactive mode: standard input is unavailable: "
                    + self._terminal.why_not
                )
            return True
        raise AuthError(f'unknown interactiveMode: "{mode}"')

    def _count(self, code: int, status: str) -> None:
        if self._on_call:
            self._on_call(code, status)


def _not_an_answer(output: bytes, error: BaseException | None) -> str:
    """Returns why a plugin's output cannot be read, without any part that may be a credential."""
    text = output.decode(errors="replace").strip()
    if not text:
        return "it wrote nothing"
    if text.startswith("{"):
        return str(error)
    line = text.splitlines()[0]
    if not _REMARK.match(line):
        return "what it wrote does not begin with JSON"
    # A remark may name what it is about, such as an address with a key in it.
    words = ("…" if len(word) > _LONGEST_WORD or "=" in word else word for word in visible(line).split())
    return f'what it wrote begins with "{" ".join(words)}"'


async def _all_of(stream: anyio.abc.ByteReceiveStream) -> SecretBytes:
    """Everything up to the end, in no variable that shows it."""
    chunks: list[SecretBytes] = []
    with suppress(anyio.EndOfStream):
        while True:
            chunks.append(hidden(await stream.receive()))
    return SecretBytes(b"".join(chunks))


_plugins: weakref.WeakValueDictionary[bytes, ExecPlugin] = weakref.WeakValueDictionary()


def exec_plugin_for(config: ClientConfig, clock: Clock, policy: PluginPolicy | None = None) -> ExecPlugin:
    """The process's plugin for this configuration; the same one for equal configurations."""
    plugin = config.auth.exec
    assert plugin is not None
    key = msgspec.json.encode(
        [revealed(msgspec.structs.asdict(plugin)), config.server if plugin.provide_cluster_info else ""]
    )
    found = _plugins.get(key)
    if found is None:
        found = _plugins[key] = ExecPlugin(plugin, clock, policy=policy)
    return found


# Waits until the pipe from this process closes, however that happened, and then ends the plugin's process group.
_LEASH = 'read -r line; kill -9 "-$1"'


@asynccontextmanager
async def _leash(leader: int) -> AsyncIterator[None]:
    """Ends a session that this process started when this process ends inside the block, even when it is killed."""
    if os.name != "posix":
        yield
        return
    watcher = await anyio.open_process(
        ["/bin/sh", "-c", _LEASH, "sh", str(leader)], stdin=PIPE, stdout=DEVNULL, stderr=DEVNULL, start_new_session=True
    )
    async with aclosing(watcher):
        try:
            yield
        finally:
            with suppress(ProcessLookupError):
                watcher.kill()


def _last_lines(text: str) -> str:
    return visible("\n".join(text.strip().splitlines()[-5:]))
