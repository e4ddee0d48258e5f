"""``%kedit``: a cell with objects as they are, to edit and to run; what changed meanwhile is not overwritten.

Source: k8s.io/kubectl/pkg/cmd/util/editor/editoptions.go.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kmagic.errors import UsageError
from kmagic.magics.language.manifest import manifests_of
from kmagic.magics.language.selection import selected
from kmagic.magics.results.next_cell import offer_cell
from kmagic.magics.results.values import KText
from kmagic.magics.session.asked import Asked
from kmagic.magics.work.fetch import fetch, fetch_manifests
from kmagic.magics.work.fetched import Scope
from kmagic.magics.work.output import json_text
from kmagic.safety.salt import SALT
from kmagic.views.masking import mask_object
from kmagic.views.yaml import to_yaml, without_managed_fields

if TYPE_CHECKING:
    from kmagic.api.types import JSONObject
    from kmagic.magics.language.grammar import Command
    from kmagic.magics.session.place import Place
    from kmagic.magics.session.session import Session

__all__ = ("run",)


def run(command: Command, session: Session) -> object:
    """Puts the cell below this one.

    Returns:
        A `KText`: what to do with it.

    Raises:
        UsageError: No page is there to edit in, or an object holds values that are never shown.
        NotFoundError: An object does not exist.
    """
    place = session.place_for(command)
    objects = session.run(command, _objects(command, place))
    if session.headless():
        raise UsageError(
            "nobody is here to edit: %kedit puts a cell into a page",
            hint="%kget TYPE/NAME -o yaml shows the object; change it in a cell of %%kreplace, or apply its manifest",
        )
    if not objects:
        return KText("edit cancelled, no objects found")
    for obj in objects:
        if mask_object(obj, SALT) != obj:
            what = f"{str(obj.get('kind')).lower()}/{obj['metadata']['name']}"
            raise UsageError(
                f"{what} holds values that are never shown, so that no cell can hold it",
                hint="%kpatch changes a field; %kcreate secret … --dry-run=client -o yaml makes a manifest",
            )
    offer_cell(_cell(command, place, objects))
    return KText("edit the cell below and run it; what another one changes meanwhile is not overwritten")


async def _objects(command: Command, place: Place) -> list[JSONObject]:
    scope = Scope(place.target.namespace)
    if command.values("filename") or command.body is not None:
        found = await fetch_manifests(place.client, manifests_of(command), scope)
    else:
        wanted = selected(command)
        if not all(each.names for each in wanted):
            raise command.usage_error("resource(s) were provided, but no name was specified")
        found = await fetch(place.client, wanted, scope)
    # The status is not part of what is replaced; the version stays, and so does who it is.
    return [
        {key: value for key, value in without_managed_fields(obj).items() if key != "status"}
        for each in found
        for obj in each.objects
    ]


def _cell(command: Command, place: Place, objects: list[JSONObject]) -> str:
    flags = Asked.of(command).words
    flags += [f"-n {place.target.namespace}"] if any(obj["metadata"].get("namespace") for obj in objects) else []
    flags += [f"--{name} {command.text(name)}" for name in ("field-manager", "validate") if command.has(name)]
    flags += ["--save-config"] if command.on("save-config") else []
    shown = json_text if command.text("output") == "json" else to_yaml
    return "\n".join((" ".join(("%%kreplace", *flags)), "---\n".join(f"{shown(obj).rstrip()}\n" for obj in objects)))
