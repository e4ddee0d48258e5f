"""``%kversion``: which kmagic this is, and which server it talks to."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from kmagic._version import __version__
from kmagic.api.codec import dump_yaml
from kmagic.api.door import read_object
from kmagic.magics.results.values import KText
from kmagic.rest import verbs

if TYPE_CHECKING:
    from kmagic.api.types import JSONObject
    from kmagic.client.client import AsyncClient
    from kmagic.magics.language.grammar import Command
    from kmagic.magics.session.session import Session

__all__ = ("run",)


def run(command: Command, session: Session) -> object:
    """Tells both versions; the client's is kmagic's own.

    Returns:
        A `KText`.
    """
    found: JSONObject = {"clientVersion": {"gitVersion": f"kmagic v{__version__}"}}
    if not command.on("client"):
        found["serverVersion"] = session.run(command, _server(session.place_for(command).client))
    match command.text("output"):
        case "json":
            return KText(json.dumps(found, indent=2))
        case "yaml":
            return KText(dump_yaml(found).rstrip("\n"))
    lines = [f"Client Version: {found['clientVersion']['gitVersion']}"]
    if "serverVersion" in found:
        lines.append(f"Server Version: {found['serverVersion'].get('gitVersion', '')}")
    return KText("\n".join(lines))


async def _server(client: AsyncClient) -> JSONObject:
    answer = await client.rest.execute(verbs.raw("GET", "/version"))
    return read_object(answer.body, "the server's version")
