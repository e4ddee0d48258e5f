"""The query of a request, read into the options of each verb."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from kmagic.sandbox import protobuf, status
from kmagic.sandbox.deletion import DeleteOptions
from kmagic.sandbox.objects import Options

if TYPE_CHECKING:
    from collections.abc import Mapping

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


def write_options(query: Mapping[str, str], user_agent: str) -> Options:
    """The options of a create, update or patch.

    Raises:
        APIError: 422 for an option that does not exist.
    """
    dry_run = query.get("dryRun", "")
    if dry_run not in ("", "All"):
        raise _unsupported("dryRun", dry_run, '"All"')
    validation = query.get("fieldValidation") or "Warn"
    if validation not in ("Ignore", "Warn", "Strict"):
        raise _unsupported("fieldValidation", validation, '"Ignore", "Strict", "Warn"')
    return Options(
        dry_run=bool(dry_run),
        field_validation=validation,
        manager=query.get("fieldManager") or manager_of(user_agent),
        force=flag(query, "force"),
    )


def delete_options(query: Mapping[str, str], body: bytes) -> DeleteOptions:
    """The options of a delete: the body, or the query where there is no body.

    Raises:
        APIError: 400 for a body that is not DeleteOptions.
    """
    if body.startswith(protobuf.MAGIC):
        return msgspec.convert(protobuf.decode(body), DeleteOptions)
    if body.strip():
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


def _unsupported(field: str, value: str, allowed: str) -> status.APIError:
    message = f'Unsupported value: "{value}": supported values: {allowed}'
    return status.invalid("WriteOptions", "meta.k8s.io", "", [status.Cause("FieldValueNotSupported", field, message)])
