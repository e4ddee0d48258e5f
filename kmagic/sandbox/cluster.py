"""The rooms of a sandbox put together."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import anyio

from kmagic.sandbox.access.authentication import Authenticator, User
from kmagic.sandbox.access.authorization import Authorizer
from kmagic.sandbox.access.reviews import reviews
from kmagic.sandbox.admission.plugins import Admission
from kmagic.sandbox.controllers.establishing import establish_definitions
from kmagic.sandbox.controllers.manager import run_controllers
from kmagic.sandbox.endpoints.api import API
from kmagic.sandbox.endpoints.discovery import Discovery
from kmagic.sandbox.kubelet import kubelet
from kmagic.sandbox.kubelet.logs import LogBook
from kmagic.sandbox.printers.formats import Formats
from kmagic.sandbox.registry.loopback import Loopback
from kmagic.sandbox.registry.objects import Objects
from kmagic.sandbox.schema import snapshot
from kmagic.sandbox.schema.crds import CustomSchemas
from kmagic.sandbox.schema.resources import Catalog
from kmagic.sandbox.storage.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

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

    Attributes:
        api: The handlers of requests and what they need.
        client: The server's own way in.
    """

    def __init__(
        self,
        tokens: Mapping[str, User],
        *,
        wall: Callable[[], datetime] = system_clock,
        rng: random.Random | None = None,
        server: str = "127.0.0.1",
    ) -> None:
        rng = rng or random.Random()
        store, catalog = Store(), Catalog(snapshot.resources())
        custom = CustomSchemas(catalog)
        admission = Admission(store, catalog, rng)
        objects = Objects(store, custom, wall=wall, rng=rng, admit=admission.admit_create)
        authenticator, authorizer = Authenticator(tokens), Authorizer(store)
        establish_definitions(objects, custom)
        self.client: Loopback = Loopback(objects, catalog)
        self.api: API = API(
            catalog=catalog,
            custom=custom,
            objects=objects,
            formats=Formats(catalog, custom),
            authenticator=authenticator,
            authorizer=authorizer,
            reviews=reviews(authenticator, authorizer),
            discovery=Discovery(catalog, custom, server),
            logs=LogBook(),
        )

    async def run(self, certificate: str = "", *, speed: float = 1.0) -> None:
        """Runs the controllers and the kubelets until cancelled.

        Args:
            certificate: The root certificate (PEM) that every namespace gets.
            speed: Factor by which containers live faster than the clock.
        """
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(run_controllers, self.client, certificate)
            tasks.start_soon(kubelet.run, self.client, self.api.logs, speed)
