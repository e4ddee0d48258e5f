"""The result of ``%kdescribe``: text for a terminal and for Python, and the same lines as HTML for a notebook."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeAlias

from kmagic.magics.results.values import KText
from kmagic.safety.salt import SALT
from kmagic.views.describe import describe
from kmagic.views.describe_html import describe_html

if TYPE_CHECKING:
    from kmagic.api.types import JSONObject

__all__ = ("Described", "KDescription")

Described: TypeAlias = "tuple[JSONObject, Sequence[JSONObject]]"
"""An object with the events about it."""

# A saved notebook grows by at most about 15 kB a description.
_MOST_HTML = 5


class KDescription(KText):
    """Descriptions of objects: their text, which a notebook shows with names and values apart.

    Args:
        described: The objects, each with its events.
        now: The moment to which ages refer; aware.
        badge: The target, in words.
    """

    _html: str

    def __new__(cls, described: Sequence[Described], now: datetime, badge: str) -> KDescription:  # noqa: D102  # the class says it
        texts = [describe(obj, now=now, salt=SALT, events=events) for obj, events in described]
        made = super().__new__(cls, "\n\n\n".join(texts) or "No resources found")
        made._html = ""
        if 0 < len(described) <= _MOST_HTML:
            moment = f"as of {now:%Y-%m-%d %H:%M:%S} UTC"
            made._html = describe_html(described, now=now, salt=SALT, footer=f"{badge} · {moment}")
        return made

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        bundle = super()._repr_mimebundle_(include, exclude)
        return {**bundle, "text/html": self._html} if self._html else bundle

    def __reduce__(self) -> tuple[Any, ...]:
        return str, (str(self),)
