"""Pods, blocking: composition over `AsyncPods`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kmagic.client.pods import AsyncPods
from kmagic.sync.resource import Resource

if TYPE_CHECKING:
    from kmagic.models.core_v1 import Pod

__all__ = ("Pods",)


class Pods(Resource["Pod"]):
    """Pods in one namespace."""

    of = AsyncPods
