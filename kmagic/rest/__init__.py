"""A request is a value: building, deciding and decoding without doing (pure; imports nothing that acts)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kmagic._lazy import touched

if TYPE_CHECKING:
    from kmagic.rest.request import Request as Request
    from kmagic.rest.resource import APIResource as APIResource
    from kmagic.rest.status import error_from_response as error_from_response
    from kmagic.rest.status import error_from_status as error_from_status
    from kmagic.rest.watch import ADDED as ADDED
    from kmagic.rest.watch import BOOKMARK as BOOKMARK
    from kmagic.rest.watch import DELETED as DELETED
    from kmagic.rest.watch import ERROR as ERROR
    from kmagic.rest.watch import MODIFIED as MODIFIED
    from kmagic.rest.watch import WatchEvent as WatchEvent

__all__ = (
    "ADDED",
    "BOOKMARK",
    "DELETED",
    "ERROR",
    "MODIFIED",
    "APIResource",
    "Request",
    "WatchEvent",
    "error_from_response",
    "error_from_status",
)

_HOMES = {
    "request": ("Request",),
    "resource": ("APIResource",),
    "status": (
        "error_from_response",
        "error_from_status",
    ),
    "watch": (
        "ADDED",
        "BOOKMARK",
        "DELETED",
        "ERROR",
        "MODIFIED",
        "WatchEvent",
    ),
}


def __getattr__(name: str) -> object:
    return touched(__name__, _HOMES, name)


def __dir__() -> list[str]:
    return sorted(__all__)
