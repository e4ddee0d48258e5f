"""Lists and watches into local state: reflector, queues, store, informers, listers, factories.

The names of the field can be imported from here; everything else from its module.

In a notebook the package is also a call: ``kmagic.cache("pods")`` keeps a local copy and returns it.
"""

from __future__ import annotations

import importlib
import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

from kmagic._lazy import touched

if TYPE_CHECKING:
    from kmagic.cache.census import CacheReport as CacheReport
    from kmagic.cache.census import all_caches as all_caches
    from kmagic.cache.delta import Change as Change
    from kmagic.cache.delta import DeletedFinalStateUnknown as DeletedFinalStateUnknown
    from kmagic.cache.delta import Delta as Delta
    from kmagic.cache.delta import DeltaType as DeltaType
    from kmagic.cache.entry import Entry as Entry
    from kmagic.cache.expiration import ExpiringStore as ExpiringStore
    from kmagic.cache.factory import SharedInformerFactory as SharedInformerFactory
    from kmagic.cache.fifo import FIFOClosedError as FIFOClosedError
    from kmagic.cache.generic import GenericInformer as GenericInformer
    from kmagic.cache.handlers import Overflow as Overflow
    from kmagic.cache.handlers import Registration as Registration
    from kmagic.cache.informer import SharedInformer as SharedInformer
    from kmagic.cache.list_watch import ListWatch as ListWatch
    from kmagic.cache.list_watch import list_watch_for as list_watch_for
    from kmagic.cache.lister import Lister as Lister
    from kmagic.cache.mutation import Backing as Backing
    from kmagic.cache.mutation import MutationCache as MutationCache
    from kmagic.cache.pool import InformerPool as InformerPool
    from kmagic.cache.queues import DeltaFIFO as DeltaFIFO
    from kmagic.cache.queues import RealFIFO as RealFIFO
    from kmagic.cache.reflector import Reflector as Reflector
    from kmagic.cache.store import PushStore as PushStore
    from kmagic.cache.store import Store as Store
    from kmagic.cache.until import Condition as Condition
    from kmagic.cache.until import until_with_sync as until_with_sync

__all__ = (
    "Backing",
    "CacheReport",
    "Change",
    "Condition",
    "DeletedFinalStateUnknown",
    "Delta",
    "DeltaFIFO",
    "DeltaType",
    "Entry",
    "ExpiringStore",
    "FIFOClosedError",
    "GenericInformer",
    "InformerPool",
    "ListWatch",
    "Lister",
    "MutationCache",
    "Overflow",
    "PushStore",
    "RealFIFO",
    "Reflector",
    "Registration",
    "SharedInformer",
    "SharedInformerFactory",
    "Store",
    "all_caches",
    "list_watch_for",
    "until_with_sync",
)

_HOMES = {
    "census": ("CacheReport", "all_caches"),
    "delta": (
        "Change",
        "DeletedFinalStateUnknown",
        "Delta",
        "DeltaType",
    ),
    "entry": ("Entry",),
    "expiration": ("ExpiringStore",),
    "factory": ("SharedInformerFactory",),
    "fifo": ("FIFOClosedError",),
    "generic": ("GenericInformer",),
    "handlers": (
        "Overflow",
        "Registration",
    ),
    "informer": ("SharedInformer",),
    "list_watch": (
        "ListWatch",
        "list_watch_for",
    ),
    "lister": ("Lister",),
    "mutation": (
        "Backing",
        "MutationCache",
    ),
    "pool": ("InformerPool",),
    "queues": (
        "DeltaFIFO",
        "RealFIFO",
    ),
    "reflector": ("Reflector",),
    "store": ("PushStore", "Store"),
    "until": (
        "Condition",
        "until_with_sync",
    ),
}


def __getattr__(name: str) -> object:
    return touched(__name__, _HOMES, name)


def __dir__() -> list[str]:
    return sorted(__all__)


class _Package(ModuleType):
    """This package, which can be called: a package and a function of `kmagic` cannot have one name otherwise."""

    def __call__(self, resource: str, *args: Any, **options: Any) -> Any:
        """Keeps a local copy of a resource that follows the cluster; see `kmagic.magics.calls.cache`."""
        return importlib.import_module("kmagic.magics.calls").cache(resource, *args, **options)


sys.modules[__name__].__class__ = _Package
