"""The parts of a sandbox put together: store, catalog, verbs, users; what handlers and controllers share."""

from __future__ import annotations

import random
from collections import deque
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from kmagic.api.types import JSONObject
from kmagic.sandbox.access import reviews
from kmagic.sandbox.access.auth import Authenticator, Authorizer, User
from kmagic.sandbox.admission import plugins
from kmagic.sandbox.controllers.wake import Wake
from kmagic.sandbox.endpoints.discovery import Discovery
from kmagic.sandbox.kubelet.logs import LogBook
from kmagic.sandbox.printers.ages import rfc3339_micro
from kmagic.sandbox.registry import conversion
from kmagic.sandbox.registry.deletion import FOREGROUND, ORPHAN
from kmagic.sandbox.registry.objects import Objects, Options
from kmagic.sandbox.schema import snapshot
from kmagic.sandbox.schema.crds import CRD, CustomSchemas, established_status
from kmagic.sandbox.schema.resources import Catalog, Resource
from kmagic.sandbox.storage.store import Store, Stored

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from kmagic.sandbox.kubelet.container_states import PodMemory
    from kmagic.sandbox.printers.table import TableFormat

__all__ = ("Cluster", "system_clock")


def system_clock() -> datetime:
    """The time of day, UTC."""
    return datetime.now(UTC)


class Cluster:
    """A sandbox without its HTTP side.

    Args:
        tokens: Bearer tokens and their users.
        wall: Gives the time of day.
        rng: For generated names and uids.
        server: Host and port for discovery documents.
    """

    def __init__(
        self,
        tokens: Mapping[str, User],
        *,
        wall: Callable[[], datetime] = system_clock,
        rng: random.Random | None = None,
        server: str = "127.0.0.1",
    ) -> None:
        self.rng: random.Random = rng or random.Random()
        self.wall = wall
        self.store: Store = Store()
        self.catalog: Catalog = Catalog(snapshot.resources())
        self.custom: CustomSchemas = CustomSchemas(self.catalog)
        self.objects: Objects = Objects(self.store, self.custom, wall=wall, rng=self.rng)
        self.authenticator: Authenticator = Authenticator(tokens)
        self.authorizer: Authorizer = Authorizer(self.store)
        self.discovery: Discovery = Discovery(self.catalog, self.custom, server)
        self.tables: dict[tuple[int, str, str], TableFormat] = {}
        self.logs: LogBook = LogBook()
        self.reviews: Mapping[str, reviews.Review] = reviews.of(self)
        self.certificate = ""
        self.speed: float = 1.0
        # the kubelet's and the garbage collector's memory; lost with the process, as theirs would be
        self.pod_memory: dict[str, PodMemory] = {}
        self.stopping: set[str] = set()
        self.recorded: dict[tuple[str, str, str, str, str], str] = {}
        self.garbage: deque[tuple[str, str, str, str]] = deque()
        self.garbage_wake: Wake = Wake()
        self.foreground: set[tuple[str, str, str]] = set()
        self._addresses: dict[str, int] = {}
        self.objects.admit_create.append(lambda resource, obj: plugins.admit_create(self, resource, obj))
        self.objects.on_write += [self._serve_custom, self._note_finalizers, self._note_owners]
        self.objects.on_delete += [self._forget_custom, self._note_deleted]

    def now(self) -> float:
        """Seconds since the epoch."""
        return self.wall().timestamp()

    def in_version(self, resource: Resource, stored: Stored) -> Stored:
        """The object as the asked version has it; mostly it is stored like that."""
        return conversion.convert(stored, resource)

    def create(self, body: JSONObject, *, manager: str = "kmagic-sandbox") -> Stored:
        """Create an object from inside; its kind and namespace say where.

        Raises:
            APIError: As for a request.
        """
        resource = self.resource_of(body)
        namespace = body["metadata"].get("namespace", "") if resource.type.namespaced else ""
        return self.objects.create(resource, namespace, body, Options(manager=manager)).stored

    def resource_of(self, body: JSONObject) -> Resource:
        """The resource of an object's apiVersion and kind."""
        resource = self.catalog.by_kind(body["apiVersion"], body["kind"])
        if resource is None:
            raise LookupError(f"no resource for {body['apiVersion']} {body['kind']}")
        return resource

    def next_address(self, node: str) -> str:
        """A free Pod address of a node, out of its range."""
        number = self._addresses[node] = self._addresses.get(node, 1) + 1
        stored = self.store.get("nodes", "", node)
        prefix = "10.244.0" if stored is None else stored.decode()["spec"]["podCIDR"].rpartition(".")[0]
        return f"{prefix}.{(number - 2) % 253 + 2}"

    def node_address(self, node: str) -> str:
        """The internal address of a node, "" when it is gone."""
        stored = self.store.get("nodes", "", node)
        if stored is None:
            return ""
        addresses = (stored.decode().get("status") or {}).get("addresses") or ()
        return next((a["address"] for a in addresses if a["type"] == "InternalIP"), "")

    def log_time(self, at: float) -> str:
        """A moment as log lines carry it."""
        return rfc3339_micro(datetime.fromtimestamp(at, UTC))

    def _note_finalizers(self, resource: Resource, old: JSONObject | None, new: JSONObject) -> None:
        metadata = new["metadata"]
        if metadata.get("deletionTimestamp") and {FOREGROUND, ORPHAN} & set(metadata.get("finalizers") or ()):
            self._note(resource, metadata)

    def _note(self, resource: Resource, metadata: JSONObject) -> None:
        """Let the garbage collector look at an object."""
        place = (resource.type.full_name, metadata.get("namespace", ""), metadata["name"])
        self.garbage.append((metadata["uid"], *place))
        self.garbage_wake.set()

    def _note_owners(self, resource: Resource, old: JSONObject | None, new: JSONObject) -> None:
        metadata = new["metadata"]
        owners = metadata.get("ownerReferences")
        if owners and (old is None or old["metadata"].get("ownerReferences") != owners):
            self._note(resource, metadata)

    def _note_deleted(self, resource: Resource, gone: Stored) -> None:
        self.garbage.append((gone.uid, resource.type.full_name, *gone.key))
        self.garbage_wake.set()

    def _serve_custom(self, resource: Resource, old: JSONObject | None, new: JSONObject) -> None:
        if resource.type.full_name != CRD:
            return
        if old is None or old["spec"] != new["spec"]:
            self.custom.install(new)
            self.tables.clear()
        if not (new.get("status") or {}).get("conditions"):
            current = self.objects.get(resource, "", new["metadata"]["name"])
            body = current.decode()
            body["status"] = established_status(body, self.wall)
            self.objects.replace(resource, current, body, Options(manager="kube-apiserver"), subresource="status")

    def _forget_custom(self, resource: Resource, gone: Stored) -> None:
        if resource.type.full_name == CRD:
            definition = gone.decode()
            self.custom.remove(definition)
            self.tables.clear()
            plural, group = definition["spec"]["names"]["plural"], definition["spec"]["group"]
            self.store.drop(f"{plural}.{group}")
