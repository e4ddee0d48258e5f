"""``%%kdiff``: what applying manifests would change; also the difference of two objects, or of one in two contexts.

Source: k8s.io/kubectl/pkg/cmd/diff/diff.go.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kmagic.api import meta
from kmagic.api.meta import LAST_APPLIED
from kmagic.client.apply import manager_for
from kmagic.errors import ConflictError
from kmagic.magics.language.manifest import manifests_to_send
from kmagic.magics.language.selection import selected
from kmagic.magics.language.warning import warn
from kmagic.magics.results.differences import Difference, KDiff
from kmagic.magics.work import applying
from kmagic.magics.work.applying import Apply, ApplyOptions
from kmagic.magics.work.creating import namespace_of
from kmagic.magics.work.fetch import fetch
from kmagic.magics.work.fetched import Scope
from kmagic.views.yaml import neat, without_managed_fields

if TYPE_CHECKING:
    from kmagic.api.types import JSONObject
    from kmagic.magics.language.grammar import Command
    from kmagic.magics.language.manifest import Manifest
    from kmagic.magics.session.place import Place
    from kmagic.magics.session.session import Session
    from kmagic.rest.resource import APIResource

__all__ = ("run",)


def run(command: Command, session: Session) -> object:
    """Compares; nothing is changed, the server answers as if.

    Returns:
        A `KDiff`, which is false where nothing differs.

    Raises:
        KubeError: A manifest could not be applied, or an object does not exist.
    """
    place = session.place_for(command)
    if command.arguments:
        return _of_objects(command, session, place)
    return KDiff(session.run(command, _of_manifests(command, place)), place.target.badge)


# -- manifests


async def _of_manifests(command: Command, place: Place) -> list[Difference]:
    found = []
    for manifest in manifests_to_send(command):
        resource = await applying.resolve(place.client, manifest)
        namespace = namespace_of(command, place, manifest, resource)
        if command.on("server-side"):
            before, after = await _by_the_server(command, place, manifest, resource, namespace)
        else:
            before, after = await _by_apply(command, place, manifest)
        if not command.on("show-managed-fields"):
            before = None if before is None else without_managed_fields(before)
            after = without_managed_fields(after)
        file = f"{resource.group}.{resource.version}.{resource.kind}.{namespace}.{manifest.name}".lstrip(".")
        what = f"{resource.kind_name}/{manifest.name}"
        found.append(Difference.of(what, (f"LIVE/{file}", f"MERGED/{file}"), before, after))
    return found


async def _by_the_server(
    command: Command, place: Place, manifest: Manifest, resource: APIResource, namespace: str
) -> tuple[JSONObject | None, JSONObject]:
    """The object, and the answer to a bare server-side apply of the manifest.

    Raises:
        ConflictError: Another manager owns a field with another value.
    """
    target = place.client.dynamic.resource(resource, namespace or None)
    before = await target.get_or_none(manifest.name)
    manager = command.text("field-manager") or manager_for(before)
    force = command.on("force-conflicts")
    # The manifest becomes the last-applied annotation where there is one: named as kubectl names it.
    place_of = {"namespace": namespace} if namespace else {}
    obj = {**manifest.obj, "metadata": {**place_of, **manifest.obj["metadata"]}}
    return before, await target.apply(obj, field_manager=manager, force=force, dry_run=True)


async def _by_apply(command: Command, place: Place, manifest: Manifest) -> tuple[JSONObject | None, JSONObject]:
    """The object, and what `%kapply` would make of it; a conflict is said, and what would change once it is forced."""
    options = ApplyOptions(place.target.namespace, field_manager=command.text("field-manager"))
    step = Apply(manifest, options)
    try:
        outcome = await step.send(place.client, dry_run=True, done=())
    except ConflictError as error:
        told = (await step.failed(place.client, error)).error or error
        outcome = await replace(step, options=replace(options, force=True)).send(place.client, dry_run=True, done=())
        warn(f"{outcome.what}: {told.message}: applying it needs --force-conflicts")
    after = outcome.after or {}
    return outcome.before, after if outcome.before is None else _as_it_was(outcome.before, after)


def _as_it_was(before: JSONObject, after: JSONObject) -> JSONObject:
    """The object after an apply, with the last-applied annotation from before, which only repeats all other fields."""
    note = meta.annotations(before).get(LAST_APPLIED)
    notes = {**meta.annotations(after), **({LAST_APPLIED: note} if note else {})}
    metadata = {**after["metadata"], "annotations": notes} if notes else dict(after["metadata"])
    if all(after.get(key) == before.get(key) for key in ("spec", "data")) and notes == meta.annotations(before):
        # Some types count a new annotation as a generation.
        metadata = {**metadata, "generation": meta.generation(before)} if "generation" in metadata else metadata
    return {**after, "metadata": metadata}


# -- objects


def _of_objects(command: Command, session: Session, place: Place) -> KDiff:
    wanted = selected(command)
    count = sum(len(each.names) for each in wanted)
    against = command.text("against")
    if count != (1 if against else 2):
        says = "one object: TYPE/NAME --against CONTEXT" if against else "two objects: TYPE/A TYPE/B"
        raise command.usage_error(f"name {says}, or give manifests with -f or below the line")
    places = [place]
    if against:
        places.append(session.place_for(replace(command, flags=command.flags.changed("context", against))))
    sides: list[tuple[str, APIResource, JSONObject]] = []
    for each in places:
        where = f"{each.target.context}/" if against else ""
        for found in session.run(command, fetch(each.client, wanted, Scope(each.target.namespace))):
            sides += [
                (f"{where}{found.resource.kind_name}/{meta.name(obj)}", found.resource, obj) for obj in found.objects
            ]
    (left, resource, before), (right, _, after) = sides
    what = f"{resource.kind_name}/{meta.name(before)}" if against else f"{left} and {right}"
    return KDiff([Difference.of(what, (left, right), _wish(before), _wish(after))], place.target.badge)


def _wish(obj: JSONObject) -> JSONObject:
    """The object without what no two objects share: identity, versions, time; and without its status."""
    shown = neat(obj)
    metadata = {key: value for key, value in shown["metadata"].items() if key != "creationTimestamp"}
    return {key: value for key, value in {**shown, "metadata": metadata}.items() if key != "status"}
