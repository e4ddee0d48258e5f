"""A request once more where the server has its resource elsewhere by now.

What a name means is looked up once and kept. A definition that is made again with another scope, or a version that is
retired, moves the path: the server answers 404 for the path, not for an object. Then what is kept counts no more, the
server is asked once for its resources, and the request is made again if the resource has another path.

Source: k8s.io/client-go/restmapper/discovery.go (DeferredDiscoveryRESTMapper).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from kmagic.errors import KubeError, NotFoundError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from kmagic.client.rest import RESTClient
    from kmagic.rest.resource import APIResource

__all__ = ("mapped", "moved_to", "path_is_gone")

R = TypeVar("R")


def path_is_gone(error: NotFoundError) -> bool:
    """Returns whether the server has no such path at all; an object that is not there is named by its answer."""
    details = error.details
    causes = details.get("causes") or ()
    return not details.get("name") or any(cause.get("reason") == "UnexpectedServerResponse" for cause in causes)


async def mapped(
    rest: RESTClient,
    resource: APIResource,
    send: Callable[[APIResource], Awaitable[R]],
    look_up: Callable[[], Awaitable[APIResource]] | None = None,
    *,
    any_version: bool = False,
) -> R:
    """Returns the result of `send` for a resource, or for its new place where its path is gone.

    Args:
        rest: Client whose mapping is refreshed.
        resource: As it was mapped.
        send: Makes the request for a resource and sends it; its path decides alone, so nothing happened at a 404.
        look_up: Maps the name again; None: the same plural of the same group is looked for.
        any_version: Without `look_up`, whether another version of it will do.

    Raises:
        NotFoundError: The path is gone and nothing took its place, as far as the server says.
    """
    try:
        return await send(resource)
    except NotFoundError as error:
        fresh = await moved_to(rest, resource, error, look_up, any_version=any_version)
    return await send(fresh)


async def moved_to(
    rest: RESTClient,
    resource: APIResource,
    error: NotFoundError,
    look_up: Callable[[], Awaitable[APIResource]] | None = None,
    *,
    any_version: bool = False,
) -> APIResource:
    """Returns the new place of a resource, of which a request was answered with 404; arguments as of `mapped`.

    Raises:
        NotFoundError: The error that was given: an object is not there, or nothing took the resource's place.
    """
    if rest.remap is None or not path_is_gone(error):
        raise error
    try:
        fresh = await rest.remap(resource)
        if look_up is not None:
            fresh = await look_up()
    except KubeError:  # the answer to the request itself says more than that nothing else was found
        raise error from None
    moved = fresh is not None and fresh.version != resource.version
    if look_up is None and moved and not any_version:
        raise error
    if fresh is None or (fresh.gvr, fresh.namespaced) == (resource.gvr, resource.namespaced):
        raise error
    return fresh
