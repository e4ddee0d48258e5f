"""Lists and watches into local state: reflector, queues, store, informers, listers, factories.

The names of the field can be imported from here; everything else from its module.
"""

from __future__ import annotations

from kmagic.cache.delta import Change, DeletedFinalStateUnknown, Delta, DeltaType
from kmagic.cache.entry import Entry
from kmagic.cache.factory import SharedInformerFactory
from kmagic.cache.fifo import FIFOClosedError
from kmagic.cache.generic import GenericInformer
from kmagic.cache.handlers import Overflow, Registration
from kmagic.cache.informer import SharedInformer
from kmagic.cache.list_watch import ListWatch, list_watch_for
from kmagic.cache.lister import Lister
from kmagic.cache.pool import InformerPool
from kmagic.cache.queues import DeltaFIFO, RealFIFO
from kmagic.cache.reflector import Reflector
from kmagic.cache.store import Store

__all__ = (
    "Change",
    "DeletedFinalStateUnknown",
    "Delta",
    "DeltaFIFO",
    "DeltaType",
    "Entry",
    "FIFOClosedError",
    "GenericInformer",
    "InformerPool",
    "ListWatch",
    "Lister",
    "Overflow",
    "RealFIFO",
    "Reflector",
    "Registration",
    "SharedInformer",
    "SharedInformerFactory",
    "Store",
    "list_watch_for",
)
