"""Pods: the verbs every resource has, and those only Pods have (logs, exec, attach, port-forward, copy)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kmagic.client.resource import AsyncResource

if TYPE_CHECKING:
    from kmagic.models.core_v1 import Pod  # noqa: F401  # named in the base class's text

__all__ = ("AsyncPods",)


class AsyncPods(AsyncResource["Pod"]):
    """Pods in one namespace."""
