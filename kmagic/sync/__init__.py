"""The only bridge between threads and the event loop; everything below it is async, everything above may block.

`kmagic.Client` hands out what blocking code needs; the names here are for code that is given a resource or an informer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kmagic._lazy import touched

if TYPE_CHECKING:
    from kmagic.sync.client import Client as Client
    from kmagic.sync.following import RetryWatcher as RetryWatcher
    from kmagic.sync.following import until_with_sync as until_with_sync
    from kmagic.sync.informers import SharedInformer as SharedInformer
    from kmagic.sync.object import Object as Object
    from kmagic.sync.pager import Pager as Pager
    from kmagic.sync.remote import RemoteSession as RemoteSession
    from kmagic.sync.resource import Resource as Resource

__all__ = (
    "Client",
    "Object",
    "Pager",
    "RemoteSession",
    "Resource",
    "RetryWatcher",
    "SharedInformer",
    "until_with_sync",
)

_HOMES = {
    "client": ("Client",),
    "following": ("RetryWatcher", "until_with_sync"),
    "informers": ("SharedInformer",),
    "object": ("Object",),
    "pager": ("Pager",),
    "remote": ("RemoteSession",),
    "resource": ("Resource",),
}


def __getattr__(name: str) -> object:
    return touched(__name__, _HOMES, name)


def __dir__() -> list[str]:
    return sorted(__all__)
