"""A kubeconfig as ``kubectl config view`` shows it: without any credential.

Source: k8s.io/client-go/tools/clientcmd/api/helpers.go (RedactSecrets, ShortenConfig).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from kmagic.api.secrecy import SecretText, redacted_url

if TYPE_CHECKING:
    from kmagic.config.kubeconfig import Kubeconfig, Stanza

__all__ = ("kubeconfig_view",)

_DATA = frozenset(("certificate-authority-data", "client-certificate-data", "client-key-data"))
_ADDRESSES = ("server", "proxy-url")


def kubeconfig_view(kubeconfig: Kubeconfig, current: str) -> dict[str, Any]:
    """The content as a value.

    Args:
        kubeconfig: As loaded.
        current: The context that counts as the current one.
    """
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": _listed(kubeconfig.clusters, "cluster"),
        "contexts": _listed(kubeconfig.contexts, "context"),
        "users": _listed(kubeconfig.users, "user"),
        "current-context": current,
    }


def _listed(stanzas: Mapping[str, Stanza], key: str) -> list[dict[str, Any]] | None:
    return [{"name": name, key: _shown(stanzas[name].fields)} for name in sorted(stanzas)] or None


def _shown(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The fields; certificates and keys are left out, what is secret is replaced, also where kubectl shows it."""
    return {
        key: "DATA+OMITTED" if key in _DATA else _redacted(key, value)
        for key, value in fields.items()
        if value not in ("", None, False, [], {})
    }


def _redacted(key: str, value: Any) -> Any:
    if isinstance(value, Mapping):
        return {each: _redacted(each, item) for each, item in value.items()}
    if isinstance(value, list):
        return [_redacted(key, item) for item in value]
    if isinstance(value, SecretText) and key in _ADDRESSES:
        return redacted_url(value)
    return value if isinstance(value, str | bool) and not isinstance(value, SecretText) else "REDACTED"
