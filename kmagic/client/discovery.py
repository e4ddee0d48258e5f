"""The groups, versions and resources that a server serves.

One request for each of ``/api`` and ``/apis`` (aggregated discovery v2); older servers are asked version by
version. Answers are kept; a broken aggregated API costs its own resources, not the others'.

Source: k8s.io/client-go/discovery/discovery_client.go, aggregated_discovery.go, cached/memory/memcache.go.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import anyio
import msgspec

from kmagic.aio.tasks import first_error
from kmagic.api.door import read_json, read_object
from kmagic.client import discovery_decode
from kmagic.client.discovery_decode import APIGroup, Found
from kmagic.client.disk_cache import DiskCache, resource_lists
from kmagic.errors import KubeError, NotFoundError, StatusError, TransportError
from kmagic.rest import verbs
from kmagic.rest.resource import APIResource

if TYPE_CHECKING:
    from kmagic.api.types import JSONObject
    from kmagic.client.rest import RESTClient
    from kmagic.transport.http import Response

__all__ = ("Discovery", "DiscoveryResult", "ServerVersion")

_AGGREGATED = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json"

# client-go's 32 s: discovery of a server with many broken aggregated APIs is slow.
TIMEOUT = 32.0

_MOVED = 301


class ServerVersion(msgspec.Struct, frozen=True):
    """The server's build.

    Attributes:
        git_version: Version with a "v": ``"v1.37.2"``.
    """

    major: str = ""
    minor: str = ""
    git_version: str = msgspec.field(default="", name="gitVersion")
    git_commit: str = msgspec.field(default="", name="gitCommit")
    platform: str = ""


class DiscoveryResult(msgspec.Struct, frozen=True):
    """The resources that were found, and the groups that could not be read.

    Attributes:
        groups: In the server's order, the core group first.
        resources: Every resource of every served version, subresources as names inside their parent.
        failures: Group-version (``"metrics.k8s.io/v1beta1"``) to why its resources are not known.
    """

    groups: tuple[APIGroup, ...]
    resources: tuple[APIResource, ...]
    failures: dict[str, KubeError]


class Discovery:
    """Asks a server what it serves and keeps the answer until `invalidate` or `refresh`.

    Args:
        rest: Client that sends the requests.
        legacy: Ask version by version, as older servers have to be.
        timeout: Seconds for each request.
        disk: Cache of the answers for other processes; None for no cache on disk.
    """

    def __init__(
        self, rest: RESTClient, *, legacy: bool = False, timeout: float = TIMEOUT, disk: DiskCache | None = None
    ) -> None:
        self._rest = rest
        self._legacy = legacy
        self._timeout = timeout
        self._disk = disk
        self._result: DiscoveryResult | None = None
        self._version: ServerVersion | None = None
        self._documents: dict[str, tuple[str, bytes]] = {}
        self._lock = anyio.Lock()
        self._filled_at = float("-inf")

    @property
    def age(self) -> float:
        """Seconds since the last look at the server; infinite before the first."""
        return self._rest.clock.now() - self._filled_at

    @property
    def known(self) -> DiscoveryResult | None:
        """The resources that are known without a request."""
        return self._result

    def invalidate(self) -> None:
        """Forgets everything; the next call asks the server."""
        if self._disk:
            self._disk.invalidate()
        self._result = None
        self._version = None
        self._documents.clear()
        self._filled_at = float("-inf")

    async def all(self) -> DiscoveryResult:
        """Groups and resources; a request only the first time, and for parts that failed in a passing way."""
        async with self._lock:
            result = self._result or self._from_disk()
            if result is None or any(_passing(error) for error in result.failures.values()):
                result = await self._fill()
            return result

    async def refresh(self) -> DiscoveryResult:
        """Asks the server again."""
        async with self._lock:
            return await self._fill()

    async def refresh_after(self, seconds: float) -> DiscoveryResult:
        """Asks the server again as soon as the last look is this long ago; callers that wait together share one look."""
        result = self._result
        await self._rest.clock.sleep(max(0.0, seconds - self.age))
        async with self._lock:
            return self._result if self._result is not None and self._result is not result else await self._fill()

    async def groups(self) -> tuple[APIGroup, ...]:
        """The API groups with their versions."""
        return (await self.all()).groups

    async def resources(self) -> tuple[APIResource, ...]:
        """Every resource of every served version."""
        return (await self.all()).resources

    async def resources_for(self, api_version: str) -> tuple[APIResource, ...]:
        """The resources of one group-version (``"apps/v1"``).

        Raises:
            NotFoundError: The server does not serve it.
        """
        result = await self.all()
        if error := result.failures.get(api_version):
            raise error
        found = tuple(item for item in result.resources if item.api_version == api_version)
        if not found and not any(api_version in group.api_versions for group in result.groups):
            raise NotFoundError(f"the server does not serve {api_version}", status={"reason": "NotFound", "code": 404})
        return found

    async def preferred_resources(self, *, namespaced: bool | None = None) -> tuple[APIResource, ...]:
        """One version of each resource: its group's preferred one, else the first that has it."""
        result = await self.all()
        preferred = {group.name: group.preferred for group in result.groups}
        best: dict[tuple[str, str], APIResource] = {}
        for item in result.resources:
            key = (item.group, item.resource)
            if key not in best or item.api_version == preferred.get(item.group):
                best[key] = item
        return tuple(item for item in best.values() if namespaced is None or item.namespaced == namespaced)

    async def version(self) -> ServerVersion:
        """The server's version."""
        if self._version is None:
            answer = await self._get("/version")
            self._version = read_json(answer.body, "the server's version", ServerVersion)
        return self._version

    async def openapi_paths(self) -> dict[str, str]:
        """Group-version paths (``"apis/apps/v1"``) to the URL of their OpenAPI v3 document."""
        paths = read_json((await self._get("/openapi/v3")).body, "the index of OpenAPI", _Index).paths or {}
        return {path: entry.url or "" for path, entry in paths.items()}

    async def openapi(self, api_version: str) -> JSONObject:
        """The OpenAPI v3 document of a group-version (``"apps/v1"``), fetched again only when its hash is another.

        Raises:
            NotFoundError: There is none.
        """
        path = f"apis/{api_version}" if "/" in api_version else f"api/{api_version}"
        url = (await self.openapi_paths()).get(path)
        if not url:
            raise NotFoundError(
                f"the server has no OpenAPI document for {api_version}", status={"reason": "NotFound", "code": 404}
            )
        kept, body = self._documents.get(path, ("", b""))
        if kept != url:
            body = await self._document(url)
            self._documents[path] = (url, body)
        return read_object(body, "the document of OpenAPI")

    async def _document(self, url: str) -> bytes:
        where, _, query = url.partition("?")
        pairs = tuple((key, value) for key, _, value in (part.partition("=") for part in query.split("&") if part))
        try:
            return (await self._get(where, query=pairs)).body
        except StatusError as error:
            # The document changed since its hash was read, or another replica has another: as it is now, then.
            if error.status.get("code") != _MOVED:
                raise
            return (await self._get(where)).body

    def _from_disk(self) -> DiscoveryResult | None:
        kept = self._disk.load() if self._disk else None
        if kept is None:
            return None
        self._result = DiscoveryResult(kept.groups, kept.resources, {})
        self._filled_at = self._rest.clock.now() - kept.age
        return self._result

    async def _fill(self) -> DiscoveryResult:
        bodies: dict[str, bytes] = {}
        core, named = await self._lists(bodies)
        if core.aggregated and named.aggregated:
            result = DiscoveryResult(
                core.groups + named.groups,
                core.resources + named.resources,
                {**core.failures, **named.failures},
            )
            if self._disk:
                bodies = {key: body for document in bodies.values() for key, body in resource_lists(document).items()}
        else:
            bodies.clear()
            result = await self._legacy_resources(core.groups + named.groups, bodies)
        if self._disk:
            self._disk.save(result.groups, bodies)
        self._result = result
        self._filled_at = self._rest.clock.now()
        return result

    async def _lists(self, bodies: dict[str, bytes]) -> tuple[Found, Found]:
        found: dict[str, Found] = {}

        async def ask(path: str) -> None:
            try:
                answer = await self._get(path, accept="application/json" if self._legacy else _AGGREGATED)
            except NotFoundError:
                # A server without the core group (an aggregated API alone) is fine.
                found[path] = Found(aggregated=not self._legacy)
            else:
                found[path] = discovery_decode.groups(answer.headers.get("content-type", ""), answer.body)
                bodies[path] = answer.body

        await first_error(partial(ask, path) for path in ("/api", "/apis"))
        return found["/api"], found["/apis"]

    async def _legacy_resources(self, groups: tuple[APIGroup, ...], bodies: dict[str, bytes]) -> DiscoveryResult:
        found: dict[str, tuple[APIResource, ...]] = {}
        failures: dict[str, KubeError] = {}

        async def ask(api_version: str) -> None:
            path = f"/apis/{api_version}" if "/" in api_version else f"/api/{api_version}"
            try:
                answer = await self._get(path)
            except NotFoundError as error:
                if api_version != "v1":
                    failures[api_version] = error
            except KubeError as error:
                failures[api_version] = error
            else:
                found[api_version] = discovery_decode.legacy_resources(api_version, answer.body)
                bodies[api_version] = answer.body

        versions = [version for group in groups for version in group.api_versions]
        await first_error(partial(ask, version) for version in versions)
        ordered = tuple(item for version in versions for item in found.get(version, ()))
        return DiscoveryResult(groups, ordered, failures)

    async def _get(
        self, path: str, *, accept: str = verbs.ACCEPT_JSON, query: tuple[tuple[str, str], ...] = ()
    ) -> Response:
        request = verbs.raw("GET", path, accept=accept, query=query)
        return await self._rest.execute(msgspec.structs.replace(request, timeout=self._timeout))


class _Document(msgspec.Struct):
    url: str | None = msgspec.field(default=None, name="serverRelativeURL")


class _Index(msgspec.Struct):
    paths: dict[str, _Document] | None = None


def _passing(error: KubeError) -> bool:
    """Returns whether the next access should try again (DI-10)."""
    if isinstance(error, TransportError):
        return True
    return isinstance(error, StatusError) and error.status.get("code") in (429, *range(500, 600))
