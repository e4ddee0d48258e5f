"""A kubeconfig made smaller, self-contained or safe to show.

Source: k8s.io/client-go/tools/clientcmd/api/helpers.go
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from kmagic.api.secrecy import KUBECONFIG_FIELDS
from kmagic.config.kubeconfig import Kubeconfig, Stanza
from kmagic.errors import ConfigError

__all__ = ("flatten", "minify", "redact")

_SECRETS = KUBECONFIG_FIELDS | {"certificate-authority-data"}
_DATA_OMITTED = "DATA+OMITTED"
_REDACTED = "REDACTED"


def minify(config: Kubeconfig) -> Kubeconfig:
    """Only the current context with its cluster and user.

    Raises:
        ConfigError: There is no current context, or it refers to what does not exist.
    """
    name = config.current_context
    if not name:
        raise ConfigError("current-context must exist in order to minify")
    if name not in config.contexts:
        raise ConfigError(f"cannot locate context {name}")
    fields = config.contexts[name].fields
    return msgspec.structs.replace(
        config,
        contexts={name: config.contexts[name]},
        clusters=_only(config.clusters, fields.get("cluster") or "", "cluster"),
        users=_only(config.users, fields.get("user") or "", "user"),
    )


def flatten(config: Kubeconfig) -> Kubeconfig:
    """The files it refers to become data in it, so that it can be moved.

    Raises:
        ConfigError: A file cannot be read.
    """
    return msgspec.structs.replace(
        config,
        clusters=_each(config.clusters, lambda fields: _inlined(fields, ("certificate-authority",))),
        users=_each(config.users, lambda fields: _inlined(fields, ("client-certificate", "client-key"))),
    )


def redact(config: Kubeconfig) -> Kubeconfig:
    """Without credentials, for showing: ``REDACTED`` and ``DATA+OMITTED`` stand where they were."""
    return msgspec.structs.replace(
        config, clusters=_each(config.clusters, _redacted), users=_each(config.users, _redacted)
    )


def _only(stanzas: Mapping[str, Stanza], name: str, what: str) -> dict[str, Stanza]:
    if not name:
        return {}
    if name not in stanzas:
        raise ConfigError(f"cannot locate {what} {name}")
    return {name: stanzas[name]}


def _each(stanzas: Mapping[str, Stanza], change: Callable[[Mapping[str, Any]], Mapping[str, Any]]) -> dict[str, Stanza]:
    return {name: msgspec.structs.replace(stanza, fields=change(stanza.fields)) for name, stanza in stanzas.items()}


def _inlined(fields: Mapping[str, Any], keys: tuple[str, ...]) -> dict[str, Any]:
    inlined = dict(fields)
    for key in keys:
        path = inlined.pop(key, None)
        if not path or inlined.get(f"{key}-data"):
            continue
        try:
            content = Path(path).read_bytes()
        except OSError as error:
            raise ConfigError(f"unable to read {key} {path}: {error.strerror}") from error
        inlined[f"{key}-data"] = base64.b64encode(content).decode("ascii")
    return inlined


def _redacted(fields: Mapping[str, Any]) -> dict[str, Any]:
    shown = {
        key: (_DATA_OMITTED if key.endswith("-data") else _REDACTED) if key in _SECRETS and value else value
        for key, value in fields.items()
    }
    if isinstance(provider := shown.get("auth-provider"), Mapping):
        settings = {
            key: _REDACTED if key in KUBECONFIG_FIELDS else value
            for key, value in (provider.get("config") or {}).items()
        }
        shown["auth-provider"] = {**provider, "config": settings}
    if isinstance(plugin := shown.get("exec"), Mapping):
        env = [{**entry, "value": _REDACTED} for entry in plugin.get("env") or ()]
        shown["exec"] = {**plugin, "env": env} if env else plugin
    return shown
