"""The credential plugins that may run: the user's own rule in ``~/.kube/kuberc``.

A kubeconfig from elsewhere can name any program; this is the list that it cannot change.

Source: k8s.io/client-go/plugin/pkg/client/auth/exec (plugin policy), kubectl's kuberc (kubectl.config.k8s.io).
"""

from __future__ import annotations

import os
import posixpath
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from kmagic.api.door import convert
from kmagic.api.yaml_reader import YAMLError, decode_text, first_document
from kmagic.errors import AuthError, ConfigError, DecodeError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ("PluginPolicy", "load_plugin_policy")


class PluginPolicy(msgspec.Struct, frozen=True):
    """A rule for programs.

    Attributes:
        policy: "" or ``"AllowAll"``, ``"DenyAll"``, ``"Allowlist"``.
        allowlist: Commands or paths; None where none was written.
    """

    policy: str = ""
    allowlist: tuple[str, ...] | None = None

    def permitted(
        self, command: str, resolved: str | None, *, which: Callable[[str], str | None] = shutil.which
    ) -> str:
        """The path to execute.

        Args:
            command: Command as configured.
            resolved: Path of the program, or None.
            which: Resolves the entries of the list.

        Raises:
            AuthError: The rule does not allow it, or makes no sense.
        """
        self.check()
        if self.policy in ("", "AllowAll"):
            return resolved or command
        if self.policy == "DenyAll":
            raise AuthError(f'plugin "{command}" not allowed: policy set to "DenyAll"')
        if resolved is None:
            raise AuthError(
                f'plugin path "{command}" cannot be resolved for credential plugin allowlist check: not found'
            )
        for entry in self.allowlist or ():
            if entry in (command, resolved) or which(entry) == resolved:
                return resolved
        raise AuthError(
            f'plugin path "{resolved}" is not permitted by the credential plugin allowlist',
            hint="add it to credentialPluginAllowlist in ~/.kube/kuberc if you trust it",
        )

    def check(self) -> None:
        """Raises AuthError if the rule contradicts itself."""
        if self.policy not in ("", "AllowAll", "DenyAll", "Allowlist"):
            raise AuthError(f'unknown plugin policy: "{self.policy}"')
        if self.policy != "Allowlist":
            if self.allowlist is not None:
                raise AuthError(
                    "misconfigured credential plugin allowlist: "
                    f'plugin policy is "{self.policy}" but allowlist is non-nil'
                )
            return
        if self.allowlist is None:
            raise AuthError('credential plugin policy set to "Allowlist", but allowlist is unspecified')
        if not self.allowlist:
            raise AuthError(
                'credential plugin policy set to "Allowlist", but allowlist is empty; use "DenyAll" policy instead'
            )
        for entry in self.allowlist:
            if not entry:
                raise AuthError("misconfigured credential plugin allowlist: an entry is empty")
            if posixpath.normpath(entry) != entry:
                raise AuthError(f'misconfigured credential plugin allowlist: "{entry}" is not a clean path')


def load_plugin_policy(environ: Mapping[str, str] = os.environ) -> PluginPolicy:
    """Reads the rule from ``$KUBERC`` or ``~/.kube/kuberc``; no file, no rule.

    Raises:
        ConfigError: The file is there and cannot be read: without the rule nothing should run.
    """
    path = Path(environ.get("KUBERC") or Path(environ.get("HOME") or Path.home(), ".kube", "kuberc"))
    try:
        found = first_document(decode_text(path.read_bytes()))
    except FileNotFoundError:
        return PluginPolicy()
    except OSError as error:
        raise ConfigError(f"unable to read {path}: {error.strerror}") from error
    except YAMLError as error:
        raise ConfigError(f"unable to read {path}: {error}") from error
    if found is None:
        return PluginPolicy()
    try:
        rule = convert(found, "the rule for plugins", _Kuberc)
    except DecodeError as error:
        # A rule that cannot be read must not be no rule.
        raise ConfigError(f"unable to read {path}: {error}") from None
    entries = rule.allowlist
    allowlist = None if entries is None else tuple(entry if isinstance(entry, str) else entry.path for entry in entries)
    return PluginPolicy(rule.policy or "", allowlist)


class _Entry(msgspec.Struct):
    command: str = ""
    name: str = ""

    @property
    def path(self) -> str:
        return self.command or self.name


class _Kuberc(msgspec.Struct):
    policy: str | None = msgspec.field(default=None, name="credentialPluginPolicy")
    allowlist: list[str | _Entry] | None = msgspec.field(default=None, name="credentialPluginAllowlist")
