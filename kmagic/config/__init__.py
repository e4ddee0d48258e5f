"""Kubeconfig files and in-cluster files become one `ClientConfig`: server, trust, credentials. No requests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kmagic._lazy import touched

if TYPE_CHECKING:
    from kmagic.config.client_config import AuthConfig as AuthConfig
    from kmagic.config.client_config import ClientConfig as ClientConfig
    from kmagic.config.client_config import ExecConfig as ExecConfig
    from kmagic.config.client_config import Impersonation as Impersonation
    from kmagic.config.client_config import TLSConfig as TLSConfig
    from kmagic.config.in_cluster import in_cluster_config as in_cluster_config
    from kmagic.config.kubeconfig import Kubeconfig as Kubeconfig
    from kmagic.config.loader import load_config as load_config
    from kmagic.config.loader import load_kubeconfig as load_kubeconfig
    from kmagic.config.overrides import Overrides as Overrides
    from kmagic.config.transform import flatten as flatten
    from kmagic.config.transform import minify as minify
    from kmagic.config.transform import redact as redact
    from kmagic.config.writer import modify as modify
    from kmagic.config.writer import write_file as write_file

__all__ = (
    "AuthConfig",
    "ClientConfig",
    "ExecConfig",
    "Impersonation",
    "Kubeconfig",
    "Overrides",
    "TLSConfig",
    "flatten",
    "in_cluster_config",
    "load_config",
    "load_kubeconfig",
    "minify",
    "modify",
    "redact",
    "write_file",
)

_HOMES = {
    "client_config": (
        "AuthConfig",
        "ClientConfig",
        "ExecConfig",
        "Impersonation",
        "TLSConfig",
    ),
    "in_cluster": ("in_cluster_config",),
    "kubeconfig": ("Kubeconfig",),
    "loader": (
        "load_config",
        "load_kubeconfig",
    ),
    "overrides": ("Overrides",),
    "transform": (
        "flatten",
        "minify",
        "redact",
    ),
    "writer": (
        "modify",
        "write_file",
    ),
}


def __getattr__(name: str) -> object:
    return touched(__name__, _HOMES, name)


def __dir__() -> list[str]:
    return sorted(__all__)
