"""A list and a watch without any server, for tests of informers: objects you add, watches you break.

Keeps what a reflector relies on: one version for each change, a watch that goes on from any version that is still
known, ERROR 410 from one that is not.

Source: k8s.io/client-go/tools/cache/testing/fake_controller_source.go.
"""

from __future__ import annotations

import copy
from collections.abc import AsyncIterator

import anyio

from kmagic.api.key import ObjectKey
from kmagic.api.options import ListOptions
from kmagic.api.types import JSONObject
from kmagic.errors import KubeError

__all__ = ("FakeListWatch",)


class FakeListWatch:
    """Give it to a `Reflector` or `SharedInformer` where they want a `ListWatch`.

    ```python
    source = FakeListWatch()
    source.add({"metadata": {"name": "web-0", "namespace": "shop"}})
    informer = SharedInformer(source)
    ```

    Attributes:
        lists: The options of every list so far.
        watches: The options of every watch so far.
    """

    def __init__(self, *objects: JSONObject, kind: str = "") -> None:
        self.lists: list[ListOptions] = []
        self.watches: list[ListOptions] = []
        self._kind = kind
        self._objects: dict[ObjectKey, JSONObject] = {}
        self._version = 0
        self._history: list[tuple[int, str, JSONObject]] = []
        self._forgotten = 0  # versions up to this one are no longer in the history
        self._generation = 0
        self._news = anyio.Event()
        self._list_errors: list[KubeError] = []
        self._watch_errors: list[KubeError] = []
        for obj in objects:
            self.add(obj)

    @property
    def resource_version(self) -> str:
        """The version of the last change."""
        return str(self._version)

    def add(self, obj: JSONObject) -> JSONObject:
        """Stores an object and sends it to the watches; returns it with its version."""
        return self._store("ADDED", obj)

    def modify(self, obj: JSONObject) -> JSONObject:
        """Replaces an object and sends it to the watches; returns it with its version."""
        return self._store("MODIFIED", obj)

    def delete(self, obj: JSONObject) -> None:
        """Removes an object and sends the deletion to the watches."""
        stored = self._objects.pop(ObjectKey.of(obj))
        self._tell("DELETED", stored)

    def add_unseen(self, obj: JSONObject) -> JSONObject:
        """Stores an object without an event: only the next list shows it."""
        return self._store("", obj)

    def modify_unseen(self, obj: JSONObject) -> JSONObject:
        """Replaces an object without an event."""
        return self._store("", obj)

    def delete_unseen(self, obj: JSONObject) -> None:
        """Removes an object without an event: the deletion is missed."""
        del self._objects[ObjectKey.of(obj)]
        self._version += 1

    def bookmark(self) -> None:
        """Sends the present version to the watches."""
        head = {"metadata": {"resourceVersion": self.resource_version}}
        self._history.append((self._version, "BOOKMARK", head))
        self._ring()

    def reset_watches(self) -> None:
        """Ends every watch, as a server does after some minutes."""
        self._generation += 1
        self._ring()

    def expire(self) -> None:
        """Forgets the history: a watch from an older version than the present one gets 410 Expired."""
        self._forgotten = self._version
        self._history.clear()

    def fail_next_lists(self, *errors: KubeError) -> None:
        """Answers the next lists with these errors, one each."""
        self._list_errors.extend(errors)

    def fail_next_watches(self, *errors: KubeError) -> None:
        """Refuses the next watches with these errors, one each."""
        self._watch_errors.extend(errors)

    async def list(self, options: ListOptions) -> JSONObject:
        """All objects, at the present version."""
        self.lists.append(options)
        if self._list_errors:
            raise self._list_errors.pop(0)
        return {
            "kind": f"{self._kind}List",
            "metadata": {"resourceVersion": self.resource_version},
            "items": [copy.deepcopy(obj) for obj in self._objects.values()],
        }

    async def watch(self, options: ListOptions) -> AsyncIterator[tuple[str, JSONObject]]:
        """Changes after a version, until `reset_watches`."""
        self.watches.append(options)
        if self._watch_errors:
            raise self._watch_errors.pop(0)
        return self._events(int(options.resource_version or 0))

    async def _events(self, seen: int) -> AsyncIterator[tuple[str, JSONObject]]:
        generation = self._generation
        if seen < self._forgotten:
            yield "ERROR", _expired(seen, self._forgotten)
            return
        begun = False
        position = 0
        while generation == self._generation:
            while position < len(self._history):
                version, kind, obj = self._history[position]
                position += 1
                # A bookmark repeats a version; only one that came after the watch began is news.
                if version > seen or (kind == "BOOKMARK" and begun):
                    yield kind, copy.deepcopy(obj)
            begun = True
            await self._news.wait()

    def _store(self, event: str, obj: JSONObject) -> JSONObject:
        self._version += 1
        obj = copy.deepcopy(obj)
        obj.setdefault("metadata", {})["resourceVersion"] = self.resource_version
        self._objects[ObjectKey.of(obj)] = obj
        if event:
            self._history.append((self._version, event, obj))
            self._ring()
        return copy.deepcopy(obj)

    def _tell(self, event: str, obj: JSONObject) -> None:
        self._version += 1
        last = {**obj, "metadata": {**obj["metadata"], "resourceVersion": self.resource_version}}
        self._history.append((self._version, event, last))
        self._ring()

    def _ring(self) -> None:
        self._news.set()
        self._news = anyio.Event()


def _expired(asked: int, oldest: int) -> JSONObject:
    return {
        "kind": "Status",
        "status": "Failure",
        "reason": "Expired",
        "code": 410,
        "message": f"too old resource version: {asked} ({oldest})",
    }
