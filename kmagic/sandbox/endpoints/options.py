"""The query of a request, read into the options of each verb."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from kmagic.sandbox import status
from kmagic.sandbox.endpoints import bodies, protobuf
from kmagic.sandbox.registry.deletion import DeleteOptions
from kmagic.sandbox.registry.objects import Options
from kmagic.sandbox.schema import go_json
from kmagic.sandbox.status import Cause
from kmagic.sandbox.validation.rules.causes import forbidden, required, too_long

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ("delete_options", "flag", "manager_of", "number", "write_options")

MAX_MANAGER = 128


def flag(query: Mapping[str, str], name: str) -> bool:
    """A boolean parameter: absent, "false" and "0" are false."""
    return query.get(name, "") not in ("", "false", "0")


def number(query: Mapping[str, str], name: str, default: int = 0) -> int:
    """A whole-number parameter.

    Raises:
        APIError: 400 when it is none.
    """
    text = query.get(name, "")
    try:
        return int(text) if text else default
    except ValueError:
        raise status.bad_request(f'strconv.ParseInt: parsing "{text}": invalid syntax') from None


def manager_of(user_agent: str) -> str:
    """The field manager of a client that names none: its program, ``kubectl/v1.37 ...`` is kubectl."""
    return user_agent.partition("/")[0].partition(" ")[0][:MAX_MANAGER] or "unknown"


def write_options(query: Mapping[str, str], user_agent: str, verb: str = "update", *, apply: bool = False) -> Options:
    """The options of a create, update or patch.

    Args:
        query: Parameters of the request.
        user_agent: Names the field manager where the query does not.
        verb: create, update or patch; a refusal names it.
        apply: Whether the patch is an apply.

    Raises:
        APIError: 422 for an option that does not exist, or a field manager that is not one.
    """
    causes: list[Cause] = []
    manager = query.get("fieldManager", "")
    if verb == "patch" and not apply and "force" in query:
        causes.append(forbidden("force", "may not be specified for non-apply patch"))
    if apply and not manager:
        causes.append(required("fieldManager", "is required for apply patch"))
    causes += _wrong_manager(manager)
    dry_run = query.get("dryRun", "")
    if dry_run not in ("", "All"):
        causes.append(_unsupported("dryRun", f'["{dry_run}"]', '"All"'))
    validation = query.get("fieldValidation") or "Warn"
    if validation not in ("Ignore", "Warn", "Strict"):
        causes.append(_unsupported("fieldValidation", f'"{validation}"', '"", "Ignore", "Strict", "Warn"'))
    if causes:
        raise status.invalid(f"{verb.capitalize()}Options", "meta.k8s.io", "", causes)
    return Options(
        dry_run=bool(dry_run),
        field_validation=validation,
        manager=manager or manager_of(user_agent),
        force=flag(query, "force"),
    )


def _wrong_manager(name: str) -> Iterator[Cause]:
    if len(name.encode()) > MAX_MANAGER:
        yield too_long("fieldManager", MAX_MANAGER)
    for position, sign in enumerate(name):
        if not sign.isprintable():
            where = f"invalid character U+{ord(sign):04X} (at position {len(name[:position].encode())})"
            quoted = go_json.quote(name)
            yield Cause("FieldValueInvalid", "fieldManager", f"Invalid value: {quoted}: {where}")


def delete_options(query: Mapping[str, str], body: bytes) -> DeleteOptions:
    """The options of a delete: the body, or the query where there is no body.

    Raises:
        APIError: 400 for a body that is not DeleteOptions.
    """
    if body.startswith(protobuf.MAGIC):
        return msgspec.convert(protobuf.decode(body), DeleteOptions)
    if body.strip():
        head = bodies.decode_json(body)
        if head.get("kind") not in (None, "", "DeleteOptions"):
            raise status.bad_request(status.no_kind(head["kind"], head.get("apiVersion") or ""))
        try:
            return msgspec.json.decode(body, type=DeleteOptions)
        except msgspec.MsgspecError as error:
            raise status.bad_request(f"the body is not a DeleteOptions: {error}") from None
    grace = query.get("gracePeriodSeconds")
    orphan = query.get("orphanDependents")
    return DeleteOptions(
        grace_period_seconds=int(grace) if grace else None,
        orphan_dependents=None if orphan is None else orphan == "true",
        propagation_policy=query.get("propagationPolicy"),
        dry_run=["All"] if query.get("dryRun") else None,
    )


def _unsupported(field: str, value: str, allowed: str) -> Cause:
    return Cause("FieldValueNotSupported", field, f"Unsupported value: {value}: supported values: {allowed}")
