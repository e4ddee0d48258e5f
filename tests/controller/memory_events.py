"""Events in memory: what was created and patched, and planned failures."""

from __future__ import annotations

import copy
from collections.abc import Callable

from kmagic.api.types import JSONObject
from kmagic.errors import AlreadyExistsError, KubeError, NotFoundError


class MemoryEvents:
    """Events of all namespaces; call it with a namespace as a client's resource."""

    def __init__(self) -> None:
        self.stored: dict[tuple[str, str], JSONObject] = {}
        self.calls: list[str] = []
        self.failing: Callable[[str], KubeError | None] = lambda verb: None
        self._version = 0

    def __call__(self, namespace: str) -> _Namespace:
        return _Namespace(self, namespace)

    @property
    def all(self) -> list[JSONObject]:
        return list(self.stored.values())


class _Namespace:
    def __init__(self, events: MemoryEvents, namespace: str) -> None:
        self._events = events
        self._namespace = namespace

    async def create(self, obj: JSONObject) -> JSONObject:
        self._call("create")
        assert "resourceVersion" not in obj["metadata"]
        key = self._namespace, obj["metadata"]["name"]
        if key in self._events.stored:
            raise AlreadyExistsError("there is one")
        return self._store(obj)

    async def patch(self, name: str, patch: JSONObject, *, type: str) -> JSONObject:  # noqa: A002
        assert type == "strategic"
        self._call("patch")
        if (self._namespace, name) not in self._events.stored:
            raise NotFoundError("there is none")
        return self._store({**self._events.stored[self._namespace, name], **patch})

    def _store(self, obj: JSONObject) -> JSONObject:
        self._events._version += 1
        obj = copy.deepcopy(obj)
        obj["metadata"]["resourceVersion"] = str(self._events._version)
        self._events.stored[self._namespace, obj["metadata"]["name"]] = obj
        return copy.deepcopy(obj)

    def _call(self, verb: str) -> None:
        self._events.calls.append(verb)
        error = self._events.failing(verb)
        if error is not None:
            raise error
