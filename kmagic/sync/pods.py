"""Pods, blocking: composition over `AsyncPods`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kmagic.client.pods import AsyncPods
from kmagic.sync.resource import Resource

if TYPE_CHECKING:
    from kmagic.models.core_v1 import Pod  # noqa: F401  # named in the base class's text

__all__ = ("Pods",)


class Pods(Resource["Pod"]):
    """Pods in one namespace."""

    of = AsyncPods
