"""The outcome of a change to one object: the value that cards show and results hold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kmagic.api.types import JSONObject
    from kmagic.errors import KubeError
    from kmagic.rest.resource import APIResource

__all__ = ("NOT_DONE", "Outcome")

# What was begun and may still come to its end.
_UNDER_WAY = frozenset({"evicting", "deleting", "draining"})
NOT_DONE = frozenset({"failed", "interrupted", "not tried", "still there", *_UNDER_WAY})


@dataclass(frozen=True)
class Outcome:
    """The outcome of a change to one object.

    Attributes:
        action: The change: ``created``, ``configured``, ``unchanged``, ``scaled``, ``deleted``, …; or why there is none:
            ``failed``, ``interrupted`` (sent, the answer was not waited for), ``not tried``, ``still there``, ``evicting``.
        resource: Its type; None where the server does not know the kind.
        kind: As it was written, for the objects of such a kind; or as kubectl names what was changed of the object.
        subresource: Subresource of `before` and `after`: "" for the object itself.
        before: The object as it was, or None.
        after: The object as it is (in a dry run: as it would be), or None.
        shown: The object that ``-o`` shows, where `after` is another one: the scale of it.
        blocked_by: Finalizers that keep an object which is still there.
        note: Further information, in words.
        silent: Whether kubectl says nothing of it; it is said below its lines.
        said: Kubectl's word for the action, where that is another one: ``not labeled``, ``serverside-applied``.
    """

    action: str
    name: str
    namespace: str = ""
    resource: APIResource | None = None
    kind: str = ""
    subresource: str = ""
    before: JSONObject | None = None
    after: JSONObject | None = None
    shown: JSONObject | None = None
    error: KubeError | None = None
    blocked_by: tuple[str, ...] = ()
    note: str = ""
    said: str = ""
    silent: bool = False

    @property
    def words(self) -> str:
        """The change in kubectl's words."""
        return self.said or self.action

    @property
    def type(self) -> str:
        """The object's type as kubectl writes it in answers: ``deployment.apps``, ``pod``."""
        return self.kind.lower() if self.kind or self.resource is None else self.resource.kind_name

    @property
    def what(self) -> str:
        """The object as kubectl names it: ``deployment.apps/web``."""
        return f"{self.type}/{self.name}"

    @property
    def quoted(self) -> str:
        """The object as kubectl names what it deletes: ``deployment.apps "web"``."""
        return f'{self.type} "{self.name}"'

    @property
    def done(self) -> bool:
        """True if it is as it was wanted."""
        return self.action not in NOT_DONE
