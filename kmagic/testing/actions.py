"""The calls of a client and planned answers: recorded actions and reactors.

A reactor sees a call before the server does and may answer it or let it fail; calls no reactor handles go to the
server, so everything else stays real.

Source: k8s.io/client-go/testing (Fake, Action, Reactor).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeAlias

import msgspec

from kmagic.api.types import JSONObject
from kmagic.errors import KubeError
from kmagic.rest.request import Request

__all__ = ("Action", "ActionLog", "Answer", "Reactor")

# A reactor's answer: None lets the next one and then the server answer; an error is raised in the client as if it
# came from the server; a dict is the object the server gives back; for a watch, the events as (type, object).
Answer: TypeAlias = "JSONObject | KubeError | Iterable[tuple[str, JSONObject]] | None"


class Action(msgspec.Struct, frozen=True):
    """One call on a resource.

    Attributes:
        verb: get list watch create update patch apply delete delete_collection.
        resource: ``"deployments.apps"``.
        namespace: None for all namespaces and cluster-scoped resources.
        name: "" for lists, watches and creations.
        subresource: ``"status"``, or "".
        object: The body as it was sent: the object, the patch, the delete options; None without one.
        request: The request itself.
    """

    verb: str
    resource: str
    namespace: str | None = None
    name: str = ""
    subresource: str = ""
    object: Any = None
    request: Request | None = None

    @classmethod
    def of(cls, request: Request) -> Action:
        """The call a request makes."""
        body = msgspec.json.decode(request.body) if request.body else None
        return cls(
            request.verb,
            request.resource,
            request.namespace,
            request.name,
            request.subresource,
            body,
            request,
        )

    def matches(self, verb: str, resource: str) -> bool:
        """Returns whether the verb and ``deployments``, ``deployments.apps``, ``pods/log`` or ``*`` mean this call.

        A resource without a subresource does not match calls on one.
        """
        if verb not in ("*", self.verb):
            return False
        if resource == "*":
            return True
        wanted, _, subresource = resource.partition("/")
        return subresource == self.subresource and wanted in (self.resource, self.resource.partition(".")[0])

    def __str__(self) -> str:
        what = f"{self.resource}/{self.subresource}" if self.subresource else self.resource
        where = f"{self.namespace}/{self.name}" if self.namespace else self.name
        return f"{self.verb} {what} {where}".rstrip()

    def __repr__(self) -> str:
        return f"<Action {self}>"  # not the object: it may be a Secret


Reactor: TypeAlias = Callable[[Action], Answer]


class ActionLog:
    """The calls of one client, in order, and the reactors that see them first."""

    def __init__(self) -> None:
        self._actions: list[Action] = []
        self._reactors: list[tuple[str, str, Reactor]] = []
        self._observers: list[tuple[str, str, Callable[[Action], object]]] = []

    @property
    def actions(self) -> list[Action]:
        """Every call on a resource so far; discovery is not among them."""
        return list(self._actions)

    @property
    def changes(self) -> list[Action]:
        """The calls that change something: all but get, list and watch."""
        return [action for action in self._actions if action.verb not in ("get", "list", "watch")]

    def clear_actions(self) -> None:
        """Forgets the calls so far; reactors stay."""
        self._actions.clear()

    def react(self, verb: str, resource: str, reactor: Reactor) -> None:
        """Lets a reactor see matching calls after those that are there already.

        Args:
            verb: One verb, or ``"*"``.
            resource: ``"deployments"``, ``"deployments.apps"``, ``"pods/log"`` or ``"*"``.
            reactor: Gets the action; the first that does not return None decides.
        """
        self._reactors.append((verb, resource, reactor))

    def react_first(self, verb: str, resource: str, reactor: Reactor) -> None:
        """As `react`, but before those that are there already."""
        self._reactors.insert(0, (verb, resource, reactor))

    def on_answer(self, verb: str, resource: str, callback: Callable[[Action], object]) -> None:
        """Calls `callback` when a matching call has been accepted; for a watch, when it has begun."""
        self._observers.append((verb, resource, callback))

    def record(self, action: Action) -> Answer:
        """Notes a call and asks the reactors."""
        self._actions.append(action)
        for verb, resource, reactor in list(self._reactors):
            if action.matches(verb, resource):
                answer = reactor(action)
                if answer is not None:
                    return answer
        return None

    def answered(self, action: Action) -> None:
        """Calls the observers after the call was accepted."""
        for verb, resource, callback in list(self._observers):
            if action.matches(verb, resource):
                callback(action)
