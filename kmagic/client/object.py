"""Objects that act: one object by its name, with the verbs on it.

What is read stays plain data; a handle is made of it where something is to be done:

```python
web = client.object("deploy/web", namespace="shop")
await web.scale(3)
await web.wait(condition="Available")
for pod in await web.pods():
    print(pod.name, await pod.logs(tail_lines=3))
```
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import aclosing
from typing import TYPE_CHECKING, Any, Generic, Literal, Protocol, TypedDict, TypeVar, Unpack, cast, overload

from kmagic.api import meta
from kmagic.api.gvk import GroupVersionKind
from kmagic.api.model import Model
from kmagic.client import wait as waiting
from kmagic.client.clientset import model_class, resource_of, typed_resource
from kmagic.client.codec import DictCodec, ModelCodec
from kmagic.client.pods import AsyncPods
from kmagic.client.pods_of import PODS, by_logging, most_active, pod_selector, pods_of
from kmagic.client.relations import events_about, list_everywhere, owner_type, read_same, seen_at
from kmagic.client.resource import AsyncResource
from kmagic.client.restart import restart_patch
from kmagic.client.scale import set_replicas
from kmagic.errors import ArgumentError, KubeError, NotFoundError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Coroutine, Sequence

    from kmagic.api.options import PatchType, Propagation
    from kmagic.api.types import JSONObject
    from kmagic.client.discovery import Discovery
    from kmagic.client.dynamic import DynamicClient
    from kmagic.client.exec import ExecResult
    from kmagic.client.mapper import RESTMapper
    from kmagic.client.metadata import MetadataClient
    from kmagic.client.rest import RESTClient
    from kmagic.client.scale import Scale
    from kmagic.config.client_config import ClientConfig
    from kmagic.models.core_v1 import Event, Pod
    from kmagic.rest.resource import APIResource

__all__ = ("AsyncObject", "LogSelection", "ObjectClient", "object_of")

R = TypeVar("R")
T = TypeVar("T")
M = TypeVar("M", bound=Model)


class ObjectClient(Protocol):
    """The client as an object needs it."""

    config: ClientConfig
    rest: RESTClient
    mapper: RESTMapper
    discovery: Discovery
    dynamic: DynamicClient
    metadata: MetadataClient


class LogSelection(TypedDict, total=False):
    """The lines of a log to read, in the words of `AsyncPods.logs`."""

    container: str | None
    all_containers: bool
    previous: bool
    since_seconds: int | None
    since_time: str
    tail_lines: int | None
    limit_bytes: int | None
    timestamps: bool


def object_of(client: ObjectClient, what: object, namespace: str | None) -> AsyncObject[Any]:
    """Makes the handle of an object that was read, or of one named ``TYPE/NAME``; sends nothing.

    Args:
        client: Client of its cluster.
        what: A model, a dict with apiVersion and kind, or ``"deploy/web"``.
        namespace: For what names none.

    Raises:
        ArgumentError: It is none of them, or has no name.
        TypeError: The model is a part of an object, not a kind.
    """
    if isinstance(what, str):
        kind, _, name = what.partition("/")
        if not kind or not name or "/" in name:
            raise ArgumentError(f'"{what}" is not TYPE/NAME: write for example deploy/web')
        return AsyncObject(client, client.dynamic.resource(kind, namespace), name)
    name, uid, namespace = meta.name(what), meta.uid(what), meta.namespace(what) or namespace
    if isinstance(what, Model):
        resource: AsyncResource[Any] = typed_resource(client, type(what), namespace)
    else:
        said = isinstance(what, dict) and all(isinstance(what.get(key), str) for key in ("apiVersion", "kind"))
        gvk = GroupVersionKind.of(what) if said else GroupVersionKind("", "", "")
        if not gvk.kind or not gvk.version:
            raise ArgumentError("an object has apiVersion and kind; one that was not read is named as TYPE/NAME")

        async def look_up() -> APIResource:
            return await client.mapper.resource_for_kind(gvk)

        resource = AsyncResource(client.rest, look_up, DictCodec(), namespace)
    if not name:
        raise ArgumentError("the object has no name")
    if not all(isinstance(each, str) for each in (name, uid, namespace or "")):
        raise ArgumentError("the name, the namespace and the uid of an object are text")
    return AsyncObject(client, resource, name, what if uid else None)


class AsyncObject(Generic[T]):
    """One object on the server, by its name; made by `AsyncClient.object`, it sends nothing before its first verb.

    One that is made of an object that was read means that very object: where another one has its name by now,
    to read, scale or wait for it, its log, its Pods and a command in it are a `NotFoundError`, and another change or a
    deletion is refused by the server.

    Args:
        client: Client of its cluster.
        resource: Its type, in its namespace.
        name: Its name.
        value: The object as it was read; None where it was not.
    """

    def __init__(self, client: ObjectClient, resource: AsyncResource[T], name: str, value: T | None = None) -> None:
        self._client = client
        self._resource = resource
        self._name = name
        self._value = value
        self._uid = meta.uid(value)

    def __repr__(self) -> str:
        # Not the value: it may be a Secret.
        return f"<{self._name} of {self._resource!r}>"

    @property
    def name(self) -> str:
        """Its name."""
        return self._name

    @property
    def namespace(self) -> str | None:
        """Its namespace; without meaning for what is in none."""
        return self._resource.namespace

    @property
    def resource(self) -> AsyncResource[T]:
        """The verbs on its type, in its namespace."""
        return self._resource

    @property
    def value(self) -> T:
        """The object as it was when this handle last read or changed it; `refresh` reads it again.

        Raises:
            ArgumentError: It was not read yet.
        """
        if self._value is None:
            raise ArgumentError(f"{self._name} was not read yet: refresh() reads it")
        return self._value

    async def refresh(self) -> T:
        """Reads it again, and returns it.

        ```python
        pod = await client.object("pod/web-0", namespace="shop").refresh()
        ```

        Raises:
            NotFoundError: It is not there, or another one has its name by now.
        """
        return self._keep(await self._itself(self._resource))

    @overload
    async def wait(
        self,
        *,
        condition: str = "",
        jsonpath: str = "",
        created: bool = False,
        timeout: float | None = 30.0,
    ) -> T: ...
    @overload
    async def wait(self, *, deleted: Literal[True], timeout: float | None = 30.0) -> None: ...
    async def wait(
        self,
        *,
        condition: str = "",
        jsonpath: str = "",
        created: bool = False,
        deleted: bool = False,
        timeout: float | None = 30.0,
    ) -> T | None:
        """Waits by a watch until it is as it is wanted, and returns it as it is then.

        ```python
        await client.object("deploy/web", namespace="shop").wait(condition="Available", timeout=60)
        ```

        Args:
            condition: ``"Ready"``, or with another status than True: ``"Ready=False"``.
            jsonpath: ``"{.status.phase}=Running"``, or without a value: until the field is there.
            created: Wait first until it is there; else one that is not there is an error.
            deleted: Wait until it is gone.
            timeout: Seconds; 0 looks once, a negative time is a week, None waits for ever.

        Raises:
            ArgumentError: Nothing to wait for, or what cannot be read.
            NotFoundError: It is not there, or another one has its name by now.
            WaitError: Not in time, or never.
        """
        waiting.wanted(condition, jsonpath, created=created, deleted=deleted)
        if deleted:
            await waiting.until_deleted(self._resource, self._name, timeout=timeout, uid=self._uid)
            return None
        await self._require_same()
        found = await self._resource.wait(
            self._name, condition=condition, jsonpath=jsonpath, created=created, timeout=timeout
        )
        if self._uid and meta.uid(found) != self._uid:
            raise self._gone()
        return self._keep(found)

    async def patch(
        self,
        patch: JSONObject | list[JSONObject],
        *,
        type: PatchType = "merge",  # noqa: A002  # kubectl's word
        subresource: str = "",
        dry_run: bool = False,
        field_manager: str = "",
    ) -> T:
        """Changes the fields a patch names, and returns the object as it is then.

        ```python
        await client.object(config_map).patch({"data": {"colour": "red"}})
        ```

        Args:
            patch: For ``"json"`` a list of operations, else a partial object.
            type: ``"merge"``, ``"json"`` or ``"strategic"`` (built-in kinds only).
            subresource: Patch this subresource instead: ``"status"``.
            dry_run: Answer as if, but keep nothing.
            field_manager: Name of the manager to which the fields are recorded.

        Raises:
            ArgumentError: The patch is neither a partial object nor a list of operations.
            ConflictError: Another one has its name by now; for a list of operations InvalidError.
            NotFoundError: It is not there.
        """
        wanted = self._held(patch)
        if subresource not in ("", "status"):
            await self._require_same()  # not every subresource is asked for the uid
        found = await self._resource.patch(
            self._name,
            wanted,
            type=type,
            subresource=subresource,
            dry_run=dry_run,
            field_manager=field_manager,
        )
        return found if dry_run or subresource not in ("", "status") else self._keep(found)

    async def label(self, labels: Mapping[str, str | None], *, dry_run: bool = False) -> T:
        """Sets labels; None removes one: ``pod.label({"tier": "web", "old": None})``."""
        return await self.patch({"metadata": {"labels": {**labels}}}, dry_run=dry_run)

    async def annotate(self, annotations: Mapping[str, str | None], *, dry_run: bool = False) -> T:
        """Sets annotations; None removes one: ``pod.annotate({"example.com/note": "looked at"})``."""
        return await self.patch({"metadata": {"annotations": {**annotations}}}, dry_run=dry_run)

    async def scale(self, replicas: int, *, dry_run: bool = False) -> Scale:
        """Sets the replicas of anything that has a scale: ``client.object("deploy/web").scale(3)``.

        Raises:
            NotFoundError: It is not there, another one has its name by now, or it cannot be scaled.
        """
        await self._require_same()  # the server looks at the uid in the scale of built-in kinds only
        resource = await self._resource.resolve()
        return await set_replicas(
            self._client.rest, resource, self.namespace, self._name, replicas=replicas, uid=self._uid, dry_run=dry_run
        )

    async def restart(self, *, dry_run: bool = False) -> T:
        """Rolls out new Pods of the same template, as ``kubectl rollout restart`` does.

        Raises:
            ArgumentError: No Deployment, StatefulSet or DaemonSet; it is paused, or was restarted in the same second.
        """
        patch = restart_patch(await self._read(), self._client.rest.clock.wall())
        return await self.patch(patch, dry_run=dry_run)

    async def delete(
        self, *, propagation: Propagation = "", grace_seconds: int | None = None, dry_run: bool = False
    ) -> JSONObject:
        """Deletes it; it may stay visible while it ends, which ``wait(deleted=True)`` waits for.

        Args:
            propagation: ``"Foreground"``, ``"Background"``, ``"Orphan"``, or "" for the server's default.
            grace_seconds: Time to stop; None for the object's own.
            dry_run: Answer as if, but keep nothing.

        Returns:
            The object as it is now if it still exists, else a Status.

        Raises:
            ConflictError: Another one has its name by now.
            NotFoundError: It is not there.
        """
        return await self._resource.delete(
            self._name, propagation=propagation, grace_seconds=grace_seconds, uid=self._uid, dry_run=dry_run
        )

    async def pods(self) -> list[AsyncObject[Pod]]:
        """The Pods it stands for: itself, or those that a workload or Service selects now; often some, maybe none.

        ```python
        for pod in await client.object("deploy/web", namespace="shop").pods():
            print(pod.name, pod.value.status.phase)
        ```

        Raises:
            ArgumentError: It selects no Pods.
            NotFoundError: It is not there, or another one has its name by now.
        """
        pods = self._pods()
        if await self._is_pod():
            found = [await self._itself(pods)]
        else:
            found = (await pods.list(label_selector=pod_selector(await self._read()))).items
        return [AsyncObject(self._client, pods, meta.name(each), each) for each in found]

    @overload
    def logs(
        self, *, follow: Literal[False] = False, **selection: Unpack[LogSelection]
    ) -> Coroutine[Any, Any, str]: ...
    @overload
    def logs(self, *, follow: Literal[True], **selection: Unpack[LogSelection]) -> AsyncGenerator[str, None]: ...
    def logs(
        self, *, follow: bool = False, **selection: Unpack[LogSelection]
    ) -> Coroutine[Any, Any, str] | AsyncGenerator[str, None]:
        """The log of a Pod; of a workload or Service the log of the Pod behind it with the most to show.

        ```python
        print(await client.object("deploy/web", namespace="shop").logs(tail_lines=10))
        ```

        Args:
            follow: Lines to iterate as they come, instead of one text to await.
            selection: `container`, `all_containers`, `previous`, `since_seconds`, `since_time`, `tail_lines`,
                `limit_bytes` and `timestamps`, as for `AsyncPods.logs`.

        Raises:
            ArgumentError: It selects no Pods.
            NotFoundError: It is not there, another one has its name by now, or there are none behind it.
        """
        return self._follow(selection) if follow else self._log(selection)

    async def exec(
        self, command: Sequence[str], *, container: str | None = None, stdin: bytes | str | None = None
    ) -> ExecResult:
        """Runs a command to its end in a Pod; behind a workload or Service in the most active one.

        ```python
        print((await client.object("pod/web-0", namespace="shop").exec(["id"])).stdout)
        ```

        Args:
            command: Words, not a shell line: ``["sh", "-c", "id"]``.
            container: None: the default one.
            stdin: Input of the command.

        Raises:
            ArgumentError: It selects no Pods.
            NotFoundError: As for `logs`.
            StreamError: The command could not be run; one that ran and failed has its exit code in the result.
        """
        if await self._is_pod():
            await self._require_same()
            name = self._name
        else:
            behind = await pods_of(self._plain_pods(), await self._read())
            name = meta.name(most_active(behind, "exec into a container in"))
        return await self._pods().exec(name, command, container=container, stdin=stdin)

    async def events(self) -> list[Event]:
        """The events about it, the newest last: ``client.object("pod/web-0").events()[-1].message``."""
        events = typed_resource(self._client, cast("type[Event]", model_class("core_v1", "Event")), None)
        return sorted(await events_about(events, await self._read()), key=seen_at)

    async def owners(self) -> list[AsyncObject[JSONObject]]:
        """The objects that own it, its controller first; those that are gone are left out.

        ```python
        [replica_set] = await client.object(pod).owners()
        ```

        Raises:
            KubeError: One of them cannot be read.
        """
        references = meta.owner_references(await self._read())
        found = []
        for reference in sorted(references, key=lambda each: not each.get("controller")):
            resource = self._client.dynamic.resource(owner_type(reference), self.namespace)
            name = str(reference.get("name"))
            try:
                owner = await read_same(resource, name, str(reference.get("uid")))
            except NotFoundError:
                continue
            if owner is not None:
                found.append(AsyncObject(self._client, resource, name, owner))
        return found

    async def children(self, *types: str) -> list[AsyncObject[JSONObject]]:
        """The objects that it owns, in the order of their types and names.

        ```python
        [replica_set] = await client.object("deploy/web", namespace="shop").children("replicasets")
        ```

        Args:
            types: Types to look for, by any name kubectl takes; none: all that the server has, which takes a list
                request for each of them.

        Raises:
            KubeError: A type cannot be listed, so that children might be missing: name those that matter.
        """
        uid = meta.uid(await self._read())
        namespaced = (await self._resource.resolve()).namespaced
        listed = await list_everywhere(
            self._client.metadata, await self._types(types), [self.namespace if namespaced else None]
        )
        if listed.errors:
            error = listed.errors[0]
            error.hint = error.hint or 'name the types that matter: children("replicasets")'
            raise error
        found = []
        for resource, head in listed.objects:
            if uid not in meta.owner_uids(head):
                continue
            target = self._client.dynamic.resource(resource, meta.namespace(head) or None)
            try:
                child = await read_same(target, meta.name(head), meta.uid(head))
            except NotFoundError:
                continue
            if child is not None:
                found.append((resource, AsyncObject(self._client, target, meta.name(head), child)))
        return [each for _, each in sorted(found, key=lambda pair: (pair[0].resource, pair[1].name))]

    async def _types(self, types: Sequence[str]) -> list[APIResource]:
        if types:
            return [resource for name in types for resource in await self._client.mapper.expand(name)]
        if failures := (await self._client.discovery.all()).failures:
            raise KubeError(
                f"the types of {', '.join(sorted(failures))} are not known",
                hint='name the types that matter: children("replicasets")',
            ) from next(iter(failures.values()))
        return [each for each in await self._client.discovery.preferred_resources() if "list" in each.verbs]

    async def _log(self, selection: LogSelection) -> str:
        return await self._pods().logs(await self._most_to_show(), **selection)

    async def _follow(self, selection: LogSelection) -> AsyncGenerator[str, None]:
        async with aclosing(self._pods().logs(await self._most_to_show(), follow=True, **selection)) as lines:
            async for line in lines:
                yield line

    async def _most_to_show(self) -> str:
        if await self._is_pod():
            await self._require_same()
            return self._name
        return meta.name(by_logging(await pods_of(self._plain_pods(), await self._read()))[0])

    async def _is_pod(self) -> bool:
        resource = await self._resource.resolve()
        return (resource.group, resource.resource) == (PODS.group, PODS.resource)

    def _pods(self) -> AsyncPods:
        model = cast("type[Pod]", model_class("core_v1", "Pod"))
        return AsyncPods(self._client.rest, resource_of(model), ModelCodec(model), self.namespace)

    def _plain_pods(self) -> AsyncResource[JSONObject]:
        return self._client.dynamic.resource(PODS, self.namespace)

    async def _read(self) -> JSONObject:
        return self._resource.codec.to_dict(await self.refresh())

    async def _itself(self, resource: AsyncResource[R]) -> R:
        found = await resource.get(self._name)
        if self._uid and meta.uid(found) != self._uid:
            raise self._gone()
        return found

    async def _require_same(self) -> None:
        """Reads it again where it was read, before a request that would take any object of its name."""
        if self._uid:
            await self.refresh()

    def _keep(self, found: T) -> T:
        self._value = found
        return found

    def _held(self, patch: JSONObject | list[JSONObject]) -> JSONObject | list[JSONObject]:
        """The patch for this very object, no other that took its name."""
        if isinstance(patch, list):
            return [{"op": "test", "path": "/metadata/uid", "value": self._uid}, *patch] if self._uid else patch
        if not isinstance(patch, dict):
            raise ArgumentError(f"a {type(patch).__name__} is no patch: give a partial object or a list of operations")
        head = patch.get("metadata")
        if head is not None and not isinstance(head, Mapping):
            raise ArgumentError(f"the metadata of a patch are an object, no {type(head).__name__}")
        return {**patch, "metadata": {"uid": self._uid, **(head or {})}} if self._uid else patch

    def _gone(self) -> NotFoundError:
        return NotFoundError(
            f"{self._name} is gone; another one has its name", status={"reason": "NotFound", "code": 404}
        )
