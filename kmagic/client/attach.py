"""The streams of a container's own process.

Source: k8s.io/client-go/tools/remotecommand, kubectl attach.
"""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from kmagic.client.remote import RemoteSession, open_session, stream_query
from kmagic.rest import verbs

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from kmagic.client.rest import RESTClient
    from kmagic.rest.resource import APIResource

__all__ = ("attach_session",)


@asynccontextmanager
async def attach_session(
    rest: RESTClient,
    resource: APIResource,
    namespace: str | None,
    pod: str,
    *,
    container: str | None = None,
    stdin: bool = False,
    tty: bool = False,
) -> AsyncIterator[RemoteSession]:
    """Opens the output of a process from now on, and its standard input if the container was made with one."""
    query = stream_query(container, stdin=stdin, stdout=True, stderr=True, tty=tty)
    async with open_session(rest, verbs.connect(resource, namespace, pod, "attach", query)) as session:
        yield session
