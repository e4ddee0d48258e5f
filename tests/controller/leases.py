"""Leases in memory, with the server's rules that election relies on: versions, conflicts, absence."""

from __future__ import annotations

import copy
from collections.abc import Callable

from kmagic.api.types import JSONObject
from kmagic.errors import AlreadyExistsError, ConflictError, KubeError, NotFoundError


class MemoryLeases:
    """Leases of one namespace; `calls` records the verbs, `failing` answers chosen ones with an error."""

    def __init__(self) -> None:
        self.stored: dict[str, JSONObject] = {}
        self.calls: list[str] = []
        self.failing: Callable[[str], KubeError | None] = lambda verb: None
        self._version = 0

    async def get(self, name: str) -> JSONObject:
        self._call("get")
        if name not in self.stored:
            raise NotFoundError(f'leases.coordination.k8s.io "{name}" not found')
        return copy.deepcopy(self.stored[name])

    async def create(self, obj: JSONObject) -> JSONObject:
        self._call("create")
        if obj["metadata"]["name"] in self.stored:
            raise AlreadyExistsError("there is one")
        return self._store(obj)

    async def update(self, obj: JSONObject) -> JSONObject:
        self._call("update")
        stored = self.stored.get(obj["metadata"]["name"])
        if stored is None:
            raise NotFoundError("there is none")
        if obj["metadata"]["resourceVersion"] != stored["metadata"]["resourceVersion"]:
            raise ConflictError("the object has been modified")
        return self._store(obj)

    def touch(self, name: str, **spec: object) -> None:
        """Somebody else writes the lease."""
        obj = copy.deepcopy(self.stored[name])
        obj["spec"].update(spec)
        self._store(obj)

    def holder(self, name: str) -> str:
        return str(self.stored[name]["spec"].get("holderIdentity", ""))

    def _store(self, obj: JSONObject) -> JSONObject:
        self._version += 1
        obj = copy.deepcopy(obj)
        obj["metadata"]["resourceVersion"] = str(self._version)
        self.stored[obj["metadata"]["name"]] = obj
        return copy.deepcopy(obj)

    def _call(self, verb: str) -> None:
        self.calls.append(verb)
        error = self.failing(verb)
        if error is not None:
            raise error
