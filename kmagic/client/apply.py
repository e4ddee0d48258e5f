"""Server-side apply as kubectl means it: what was applied before, by kubectl or by us, is the applier's own.

Three things a bare apply request does not do:

* An object that kubectl applies is applied under kubectl's name, as ``kubectl apply --server-side`` does: the server
  then keeps the last-applied annotation current and lets values of client-side apply be changed, and kubectl's next
  apply, of either kind, finds its own fields. What client-side apply owned is handed over (`csa_upgrade`), so a field
  that left the manifest leaves the object.
* A field that another verb of ours changed (scale, patch, undo, label) is ours already: it is taken over and no
  conflict. A field our manifests never named stays with that verb: a restart's annotation, a scale by hand.
* A dry run answers what the whole would give, and keeps nothing.

Other managers' fields are never taken over without `force`.

Source: k8s.io/kubectl/pkg/cmd/apply/apply.go (saveLastApplyAnnotationIfNecessary, migrateToSSAIfNecessary);
k8s.io/apimachinery/pkg/util/managedfields/internal (lastappliedmanager.go, lastappliedupdater.go, conflict.go).
"""

from __future__ import annotations

import copy
import re
from collections import OrderedDict
from typing import TYPE_CHECKING, Any, NamedTuple

from kmagic.api import meta
from kmagic.api.door import read_json
from kmagic.api.field_paths import Paths, decode_fields, encode_fields, path_text, prefixes, without
from kmagic.api.meta import LAST_APPLIED
from kmagic.api.patch import diff_json
from kmagic.api.types import JSONObject
from kmagic.client.apply_configuration import applied_paths
from kmagic.client.csa_upgrade import find_field_owners, upgrade_managed_fields
from kmagic.client.resource import DEFAULT_FIELD_MANAGER
from kmagic.errors import ConflictError, DecodeError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kmagic.client.resource import AsyncResource

__all__ = ("AppliedFields", "FieldConflict", "apply", "conflict_text", "field_conflicts", "manager_for")

_LAST_APPLIED_FIELD: JSONObject = {"f:metadata": {"f:annotations": {f"f:{LAST_APPLIED}": {}}}}
_KUBECTL = "kubectl"
_LAST_APPLIED_MANAGER = "kubectl-last-applied"
_TRIES = 5  # as kubectl's
_MANAGER = re.compile(
    r'conflict with (?P<name>"(?:[^"\\]|\\.)*")(?: with subresource (?P<subresource>"(?:[^"\\]|\\.)*"))?'
)


class FieldConflict(NamedTuple):
    """One field another manager owns with another value."""

    manager: str
    field: str


def field_conflicts(error: ConflictError) -> list[FieldConflict]:
    """The fields a server-side apply was refused for; [] for a conflict of another kind, as of a stale version."""
    found = []
    for cause in error.causes:
        named = _MANAGER.match(str(cause.get("message") or ""))
        if cause.get("reason") == "FieldManagerConflict" and named:
            found.append(FieldConflict(_unquoted(named["name"]), str(cause.get("field") or "")))
    return found


def _unquoted(text: str) -> str:
    """A quoted name; Go has escapes that JSON has not, and then the text stays as it is."""
    try:
        return read_json(text, "the manager's name", str)
    except DecodeError:
        return text


def conflict_text(conflicts: Sequence[FieldConflict]) -> str:
    """One line about all conflicts, by manager: ``Apply failed with 2 conflicts with "ci": .spec.a, .spec.b``."""
    managers = dict.fromkeys(each.manager for each in conflicts)
    parts = [
        f'with "{manager}": {", ".join(each.field for each in conflicts if each.manager == manager)}'
        for manager in managers
    ]
    return f"Apply failed with {len(conflicts)} conflict{'' if len(conflicts) == 1 else 's'} {'; '.join(parts)}"


class AppliedFields:
    """The fields that manifests applied through one client named, object by object; the newest thousand.

    A verb that changes a field takes it from the applier, so the object does not show that a manifest named it.
    """

    _KEPT = 1000

    def __init__(self) -> None:
        self._named: OrderedDict[str, Paths] = OrderedDict()

    def named(self, obj: JSONObject) -> Paths:
        """The paths the last manifest of an object named; empty when that is not known."""
        return self._named.get(meta.uid(obj), set())

    def remember(self, obj: JSONObject, manager: str) -> None:
        """Keeps what an applier owns of an object that it just applied."""
        self._named[meta.uid(obj)] = applied_paths(obj, manager)
        self._named.move_to_end(meta.uid(obj))
        if len(self._named) > self._KEPT:
            self._named.popitem(last=False)


def manager_for(live: JSONObject | None) -> str:
    """The field manager an object is applied with: kubectl's where kubectl applies it, else kmagic's own."""
    if live is None:
        return DEFAULT_FIELD_MANAGER
    by_kubectl = any(
        _is(entry, {_KUBECTL}, "Apply") and not entry.get("subresource") for entry in meta.managed_fields(live)
    )
    return _KUBECTL if by_kubectl or _client_side(live, frozenset({DEFAULT_FIELD_MANAGER})) else DEFAULT_FIELD_MANAGER


async def apply(
    target: AsyncResource[JSONObject],
    manifest: JSONObject,
    live: JSONObject | None,
    *,
    field_manager: str = "",
    force: bool = False,
    dry_run: bool = False,
    field_validation: str = "",
    applied: AppliedFields | None = None,
) -> JSONObject:
    """Applies a manifest; the object as it is then.

    Args:
        target: The manifest's resource, in its namespace.
        manifest: The fields to own, with name, kind and apiVersion.
        live: The object as it was just read; None when it was not there.
        field_manager: Name of the fields' owner; "" for `manager_for` of the object.
        force: Take over fields of other managers, too.
        dry_run: Answer as if, but keep nothing.
        field_validation: ``"Strict"``, ``"Warn"`` or ``"Ignore"`` unknown fields.
        applied: Remembers what manifests named, from one apply to the next.

    Raises:
        ConflictError: Other managers own fields with other values (`field_conflicts` names them), or the version or
            uid the manifest names is not the object's.
    """
    work = _Apply(target, manifest, live, field_manager, force, field_validation, applied or AppliedFields())
    return await (work.answer() if dry_run else work.carry_out())


class _Apply:
    """One manifest's apply."""

    def __init__(
        self,
        target: AsyncResource[JSONObject],
        manifest: JSONObject,
        live: JSONObject | None,
        field_manager: str,
        force: bool,
        field_validation: str,
        applied: AppliedFields,
    ) -> None:
        self._target = target
        # Named as kubectl names it: the manifest becomes the last-applied annotation where there is one.
        place = {"namespace": target.namespace} if target.namespace else {}
        self._manifest = {**manifest, "metadata": {**place, **(manifest.get("metadata") or {})}}
        self._live = live
        self._manager = field_manager or manager_for(live)
        # Update entries of "kubectl" are those of kubectl scale: kubectl's own apply does not take them either.
        self._own = frozenset({field_manager or DEFAULT_FIELD_MANAGER} - {_KUBECTL})
        self._force = force
        self._validation = field_validation
        self._memory = applied

    async def carry_out(self) -> JSONObject:
        """Applies, hands over, and applies again where that frees fields that are no longer named."""
        for attempt in range(_TRIES):
            try:
                after = await self._send(force=self._force)
                break
            except ConflictError as error:
                fields = self._own_conflicts(error)
                if attempt == _TRIES - 1:
                    raise
            live = await self._target.get(meta.name(self._manifest))
            await self._hand_over(live, {path for path in self._ours(live) if path_text(path) in fields})
        after = await self._settle(after)
        self._memory.remember(after, self._manager)
        return after

    async def answer(self) -> JSONObject:
        """Returns the object that `carry_out` would return."""
        try:
            after = await self._send(force=self._force, dry_run=True)
        except ConflictError as error:
            self._own_conflicts(error)
            after = await self._send(force=True, dry_run=True)
        live = self._live
        gone = self._freed(live, after) if live is not None else set()
        wanted = without(after, gone)
        if live is None or wanted == after:
            return after
        kept = ("resourceVersion", "managedFields", "generation")
        wanted = {**wanted, "metadata": {**wanted["metadata"], **{key: live["metadata"].get(key) for key in kept}}}
        steps = diff_json(live, wanted)
        # The server fills defaults in where fields went.
        return await self._target.patch(meta.name(live), steps, type="json", dry_run=True, field_manager=self._manager)

    async def _send(self, *, force: bool, dry_run: bool = False) -> JSONObject:
        return await self._target.apply(
            self._manifest,
            field_manager=self._manager,
            force=force,
            dry_run=dry_run,
            field_validation=self._validation,
        )

    def _own_conflicts(self, error: ConflictError) -> set[str]:
        """The fields of a conflict that is with what is ours only.

        Raises:
            ConflictError: It is another conflict, or with others as well; those are named.
        """
        conflicts = field_conflicts(error)
        ours = self._own | (_client_side(self._live, self._own) if self._live is not None else frozenset())
        others = [each for each in conflicts if each.manager not in ours]
        if not conflicts or len(others) == len(conflicts):
            raise error
        if others:
            raise _without_ours(error, others)
        return {each.field for each in conflicts}

    async def _settle(self, after: JSONObject) -> JSONObject:
        named = applied_paths(after, self._manager)
        wanted = named | self._memory.named(after)
        changed = await self._hand_over(after, wanted)
        if changed is None:
            return after
        # Only what is still named was co-owned: nothing to take away.
        return changed if applied_paths(changed, self._manager) <= named else await self._send(force=self._force)

    async def _hand_over(self, obj: JSONObject, wanted: Paths) -> JSONObject | None:
        """Makes client-side apply's fields and our own `wanted` ones the applier's; None: they are."""
        for _ in range(_TRIES):
            entries = self._handed(obj, wanted)
            if entries is None:
                return None
            if await self._keep_annotation(obj):
                obj = await self._target.get(meta.name(obj))
                entries = self._handed(obj, wanted) or []
            steps: list[JSONObject] = [
                {"op": "replace", "path": "/metadata/managedFields", "value": entries},
                {"op": "replace", "path": "/metadata/resourceVersion", "value": meta.resource_version(obj)},
            ]
            try:
                return await self._target.patch(meta.name(obj), steps, type="json", field_manager=self._manager)
            except ConflictError as error:
                conflict = error
            obj = await self._target.get(meta.name(obj))
        raise conflict

    async def _keep_annotation(self, obj: JSONObject) -> bool:
        """Gives the last-applied annotation an owner of its own, which keeps it when the applier drops it."""
        notes = (obj.get("metadata") or {}).get("annotations") or {}
        if self._manager != _KUBECTL or LAST_APPLIED not in notes:
            return False
        if find_field_owners(obj, "Apply", _LAST_APPLIED_FIELD):
            return False
        head = {"name": meta.name(obj), "annotations": {LAST_APPLIED: notes[LAST_APPLIED]}}
        if meta.namespace(obj):
            head["namespace"] = meta.namespace(obj)
        only = {"apiVersion": obj["apiVersion"], "kind": obj["kind"], "metadata": head}
        await self._target.apply(only, field_manager=_LAST_APPLIED_MANAGER)
        return True

    def _handed(self, obj: JSONObject, wanted: Paths) -> list[JSONObject] | None:
        """The managed fields with what is ours under the applier's name; None where they are so already."""
        before = list(meta.managed_fields(obj))
        upgraded = upgrade_managed_fields(obj, sorted(_client_side(obj, self._own)), self._manager)
        entries = [dict(entry) for entry in meta.managed_fields(upgraded)]
        gained: Paths = set()
        last: JSONObject | None = None
        for entry in entries:
            taken = self._taken(entry, wanted)
            if taken:
                gained |= taken
                last = {**entry, "manager": self._manager, "operation": "Apply"}
                last.pop("subresource", None)
                entry["fieldsV1"] = encode_fields(decode_fields(entry["fieldsV1"]) - taken)
        if last is not None:
            mine = next((e for e in entries if _is(e, {self._manager}, "Apply") and not e.get("subresource")), None)
            if mine is None:
                entries.append(mine := {**last, "fieldsV1": {}})
            mine["fieldsV1"] = encode_fields(decode_fields(mine["fieldsV1"]) | gained)
        entries = [entry for entry in entries if entry.get("fieldsV1")]
        return None if entries == before else entries

    def _taken(self, entry: Mapping[str, Any], wanted: Paths) -> Paths:
        """Returns the part of our own entry that the applier takes."""
        paths = decode_fields(entry.get("fieldsV1") or {})
        if _is(entry, self._own - {self._manager}, "Apply") and not entry.get("subresource"):
            return paths  # of manifests that were applied before kubectl applied the object
        if _is(entry, self._own, "Update") and entry.get("subresource", "") in ("", "scale"):
            return paths & wanted
        return set()

    def _ours(self, obj: JSONObject) -> Paths:
        """All that `_hand_over` could take of entries of ours, and all of client-side apply's."""
        found: Paths = set()
        for entry in meta.managed_fields(obj):
            if entry.get("subresource", "") in ("", "scale"):
                found |= self._taken(entry, decode_fields(entry.get("fieldsV1") or {}))
        return found

    def _freed(self, live: JSONObject, after: JSONObject) -> Paths:
        """The paths of a dry run's answer that go once all is handed over."""
        named = applied_paths(after, self._manager)
        wanted = named | self._memory.named(after)
        clients = _client_side(live, self._own)
        ours = applied_paths(live, self._manager)
        held = set(named)
        for entry in meta.managed_fields(live):
            if _is(entry, clients, "Update") and not entry.get("subresource"):
                ours |= decode_fields(entry.get("fieldsV1") or {})
            elif not (_is(entry, {self._manager}, "Apply") and not entry.get("subresource")):
                taken = self._taken(entry, wanted)
                ours |= taken
                held |= decode_fields(entry.get("fieldsV1") or {}) - taken
        if self._manager == _KUBECTL:
            held |= decode_fields(_LAST_APPLIED_FIELD)
        if self._manifest.get("kind") == "Secret" and isinstance(self._manifest.get("stringData"), dict):
            # The server writes it into data, whose fields nobody needs to own.
            held |= {("f:data", f"f:{key}") for key in self._manifest["stringData"]}
        return ours - prefixes(held)


def _is(entry: Mapping[str, Any], managers: frozenset[str] | set[str], operation: str) -> bool:
    return entry.get("manager") in managers and entry.get("operation") == operation


def _client_side(obj: JSONObject, own: frozenset[str]) -> frozenset[str]:
    """The managers that applied an object client-side: they own its last-applied annotation by updates."""
    notes = (obj.get("metadata") or {}).get("annotations") or {}
    if not notes.get(LAST_APPLIED):
        return frozenset()
    return frozenset(find_field_owners(obj, "Update", _LAST_APPLIED_FIELD)) - own


def _without_ours(error: ConflictError, others: list[FieldConflict]) -> ConflictError:
    status = copy.deepcopy(error.status)
    fields = {each.field for each in others}
    status["details"]["causes"] = [cause for cause in error.causes if cause.get("field") in fields]
    return ConflictError(conflict_text(others), status=status, request=error.request, hint=error.hint)
