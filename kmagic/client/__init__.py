"""The verbs, async: what a program says to a server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kmagic._lazy import touched

if TYPE_CHECKING:
    from kmagic.client.apply_configuration import extract as extract
    from kmagic.client.apply_set import ApplySet as ApplySet
    from kmagic.client.csa_upgrade import find_field_owners as find_field_owners
    from kmagic.client.csa_upgrade import upgrade_managed_fields as upgrade_managed_fields
    from kmagic.client.csa_upgrade import upgrade_managed_fields_patch as upgrade_managed_fields_patch
    from kmagic.client.definition import definition_of as definition_of
    from kmagic.client.discovery import Discovery as Discovery
    from kmagic.client.discovery import ServerVersion as ServerVersion
    from kmagic.client.dynamic import DynamicClient as DynamicClient
    from kmagic.client.exec import ExecResult as ExecResult
    from kmagic.client.hooks import Hooks as Hooks
    from kmagic.client.hooks import log_warnings as log_warnings
    from kmagic.client.mapper import RESTMapper as RESTMapper
    from kmagic.client.metadata import MetadataClient as MetadataClient
    from kmagic.client.object import AsyncObject as AsyncObject
    from kmagic.client.pager import Pager as Pager
    from kmagic.client.portforward import PortForward as PortForward
    from kmagic.client.resource import AsyncResource as AsyncResource
    from kmagic.client.rest import RESTClient as RESTClient
    from kmagic.client.retry import DEFAULT_BACKOFF as DEFAULT_BACKOFF
    from kmagic.client.retry import DEFAULT_RETRY as DEFAULT_RETRY
    from kmagic.client.retry import on_error as on_error
    from kmagic.client.retry import retry_on_conflict as retry_on_conflict
    from kmagic.client.retry_watcher import RetryWatcher as RetryWatcher
    from kmagic.client.scale import ScaleClient as ScaleClient
    from kmagic.client.wire_logging import wire_log as wire_log

__all__ = (
    "DEFAULT_BACKOFF",
    "DEFAULT_RETRY",
    "ApplySet",
    "AsyncObject",
    "AsyncResource",
    "Discovery",
    "DynamicClient",
    "ExecResult",
    "Hooks",
    "MetadataClient",
    "Pager",
    "PortForward",
    "RESTClient",
    "RESTMapper",
    "RetryWatcher",
    "ScaleClient",
    "ServerVersion",
    "definition_of",
    "extract",
    "find_field_owners",
    "log_warnings",
    "on_error",
    "retry_on_conflict",
    "upgrade_managed_fields",
    "upgrade_managed_fields_patch",
    "wire_log",
)

_HOMES = {
    "csa_upgrade": (
        "find_field_owners",
        "upgrade_managed_fields",
        "upgrade_managed_fields_patch",
    ),
    "definition": ("definition_of",),
    "discovery": (
        "Discovery",
        "ServerVersion",
    ),
    "dynamic": ("DynamicClient",),
    "exec": ("ExecResult",),
    "apply_configuration": ("extract",),
    "apply_set": ("ApplySet",),
    "hooks": (
        "Hooks",
        "log_warnings",
    ),
    "mapper": ("RESTMapper",),
    "metadata": ("MetadataClient",),
    "object": ("AsyncObject",),
    "pager": ("Pager",),
    "portforward": ("PortForward",),
    "resource": ("AsyncResource",),
    "rest": ("RESTClient",),
    "retry": (
        "DEFAULT_BACKOFF",
        "DEFAULT_RETRY",
        "on_error",
        "retry_on_conflict",
    ),
    "retry_watcher": ("RetryWatcher",),
    "scale": ("ScaleClient",),
    "wire_logging": ("wire_log",),
}


def __getattr__(name: str) -> object:
    return touched(__name__, _HOMES, name)


def __dir__() -> list[str]:
    return sorted(__all__)
