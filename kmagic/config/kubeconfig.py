"""kubeconfig files as values: parse one, merge several, look stanzas up by name.

A file is read whole or not at all. Merging follows kubectl: the first file wins for each named stanza as a
whole, and for current-context the first that is set. Paths are resolved against the file they stand in.

Source: k8s.io/client-go/tools/clientcmd (loader.go, api/types.go)
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from kmagic.api.secrecy import hidden, hide_fields, reveal
from kmagic.api.yaml_reader import YAMLError, decode_text, first_document
from kmagic.config import fields
from kmagic.errors import ConfigError

__all__ = ("Kubeconfig", "Stanza", "load_file", "merge", "parse")

_FILE_KEYS = {
    "clusters": ("certificate-authority",),
    "users": ("client-certificate", "client-key", "tokenFile"),
    "contexts": (),
}
_INNER = {"clusters": "cluster", "users": "user", "contexts": "context"}


class Stanza(msgspec.Struct, frozen=True):
    """One named cluster, user or context.

    Attributes:
        name: Its name in the file.
        fields: The stanza's fields, with paths made absolute.
        origin: The file it came from.
    """

    name: str
    fields: Mapping[str, Any]
    origin: str = ""

    def __repr__(self) -> str:
        return f"Stanza(name={self.name!r}, fields=<{len(self.fields)} fields>, origin={self.origin!r})"


class Kubeconfig(msgspec.Struct, frozen=True, kw_only=True):
    """The content of one file, or of several merged.

    Attributes:
        clusters: The clusters by name.
        users: The users by name.
        contexts: The contexts by name.
        current_context: Name of the context that is used by default, or "".
        sources: The files it came from, in order.
    """

    clusters: Mapping[str, Stanza] = {}
    users: Mapping[str, Stanza] = {}
    contexts: Mapping[str, Stanza] = {}
    current_context: str = ""
    sources: tuple[str, ...] = ()

    @property
    def empty(self) -> bool:
        """True if nothing at all is configured."""
        return not (self.clusters or self.users or self.contexts or self.current_context)

    def __repr__(self) -> str:
        return f"Kubeconfig(contexts={list(self.contexts)}, current_context={self.current_context!r})"


def load_file(path: str | os.PathLike[str]) -> Kubeconfig:
    """Reads one file.

    Raises:
        FileNotFoundError: There is no such file; the caller decides whether that matters.
        ConfigError: It cannot be read or understood.
    """
    try:
        text = hidden(decode_text(Path(path).read_bytes()))
    except FileNotFoundError:
        raise
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "the path holds a NUL"
        raise ConfigError(f'error loading config file "{os.fspath(path)}": {reason}') from error
    except YAMLError as error:
        # Not from it: its traceback holds the file's bytes.
        raise ConfigError(f'error loading config file "{os.fspath(path)}": {error.reason}') from None
    return parse(text, origin=os.fspath(path))


def parse(text: str, *, origin: str = "") -> Kubeconfig:
    """Reads the first document of kubeconfig text; unknown fields are ignored.

    Args:
        text: YAML or JSON text.
        origin: The file it stands in; relative paths are resolved against its folder.

    Raises:
        ConfigError: Not YAML, not a kubeconfig, a field of another type, or the same name twice.
    """
    text = hidden(text)
    try:
        document = hide_fields(first_document(reveal(text)))
    except YAMLError as error:
        where = f" at line {error.line}, column {error.column}" if error.line else ""
        # The YAML error's own text may quote the line, which may hold a credential.
        raise ConfigError(f'error loading config file "{origin}": it is not valid YAML{where}') from None
    try:
        return _of_document({} if document is None else document, origin)
    except ConfigError as error:
        raise ConfigError(f'error loading config file "{origin}": {error.message}', hint=error.hint) from None


def _of_document(document: object, origin: str) -> Kubeconfig:
    if not isinstance(document, dict):
        raise ConfigError("it is not a kubeconfig (no mapping at the top)")
    content = fields.typed(document, fields.CONFIG, "")
    if (kind := content.get("kind") or "Config") != "Config":
        raise ConfigError(f"it is a {kind}, not a Config")
    if (version := content.get("apiVersion") or "v1") != "v1":
        raise ConfigError(f'no kind "Config" is registered for version "{version}"')
    stanzas = {section: _stanzas(content, section, origin) for section in _INNER}
    return Kubeconfig(
        clusters=stanzas["clusters"],
        users=stanzas["users"],
        contexts=stanzas["contexts"],
        current_context=content.get("current-context", ""),
        sources=(origin,) if origin else (),
    )


def merge(configs: Iterable[Kubeconfig]) -> Kubeconfig:
    """Merges in order: the first that has a stanza or a current-context wins."""
    clusters: dict[str, Stanza] = {}
    users: dict[str, Stanza] = {}
    contexts: dict[str, Stanza] = {}
    current = ""
    sources: tuple[str, ...] = ()
    for config in configs:
        for target, found in ((clusters, config.clusters), (users, config.users), (contexts, config.contexts)):
            for name, stanza in found.items():
                target.setdefault(name, stanza)
        current = current or config.current_context
        sources = (*sources, *config.sources)
    return Kubeconfig(clusters=clusters, users=users, contexts=contexts, current_context=current, sources=sources)


def _stanzas(content: Mapping[str, Any], section: str, origin: str) -> dict[str, Stanza]:
    found: dict[str, Stanza] = {}
    for entry in content.get(section, ()):
        name = entry.get("name", "")
        if name in found:
            raise ConfigError(f'duplicate name "{name}" in {section}')
        found[name] = Stanza(name, _with_absolute_paths(entry.get(_INNER[section], {}), section, origin), origin)
    return found


def _with_absolute_paths(stanza: Mapping[str, Any], section: str, origin: str) -> dict[str, Any]:
    resolved = dict(stanza)
    folder = Path(origin).absolute().parent if origin else None
    if folder is None:
        return resolved
    for key in _FILE_KEYS[section]:
        if value := resolved.get(key):
            resolved[key] = str(folder / value)
    plugin = resolved.get("exec") or {}
    # A command without a separator is looked up on PATH, as a shell would.
    if os.sep in (command := plugin.get("command", "")):
        resolved["exec"] = {**plugin, "command": str(folder / command)}
    return resolved
