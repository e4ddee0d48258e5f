"""The validation rules of custom resources: CEL expressions in a schema, about a value and the one before it.

Source: staging/src/k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel/validation.go, kubernetes v1.37.2.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, NamedTuple

from kmagic.sandbox.status import Cause
from kmagic.sandbox.validation import expressions
from kmagic.sandbox.validation.expressions import ExpressionError, UnplayedError
from kmagic.sandbox.validation.rules.causes import forbidden, go_value, required

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kmagic.sandbox.schema.schemas import Schema

__all__ = ("NOT_CHECKED", "blocks", "causes", "definition_causes", "has_rules")

log: logging.Logger = logging.getLogger(__name__)

RULES = "x-kubernetes-validations"
ROOT = "<nil>"
MAX_MESSAGE = 5 * 1024
NOT_CHECKED = Cause(
    "FieldValueInvalid",
    ROOT,
    "Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing "
    "errors to complete validation",
)
BLOCKING = ("FieldValueRequired", "FieldValueTooLong", "FieldValueTooMany", "FieldValueTypeInvalid")


class _Place(NamedTuple):
    """A value inside the object, with what was there before.

    Attributes:
        old: The value before, None where there is none that can be compared.
        known: Whether there is one.
    """

    path: str
    value: Any
    old: Any
    known: bool


def blocks(found: list[Cause]) -> bool:
    """Returns whether rules are not looked at, because what they would read is not there or too big."""
    return any(cause.reason in BLOCKING for cause in found)


def has_rules(schema: Schema) -> bool:
    """Returns whether a schema has rules, at any depth."""
    return bool(schema.get(RULES)) or any(has_rules(child) for _, child in _children(schema))


def causes(value: Any, schema: Schema, old: Any = None) -> Iterator[Cause]:
    """Yields what rules refuse in an object; ``old`` is the one it replaces, None for a new one."""
    yield from _walk(_Place("", value, old, old is not None), schema, root=True)


def _walk(place: _Place, schema: Schema, *, root: bool = False) -> Iterator[Cause]:
    if place.value is None:
        return
    for rule in schema.get(RULES) or ():
        yield from _judge(place, schema, rule, root=root)
    if isinstance(place.value, dict):
        properties, extra = schema.get("properties") or {}, schema.get("additionalProperties")
        for name, item in place.value.items():
            known = isinstance(place.old, dict) and place.old.get(name) is not None
            before = place.old[name] if known else None
            if name in properties:
                path = f"{place.path}.{name}".removeprefix(".")
                yield from _walk(_Place(path, item, before, known), properties[name])
            elif isinstance(extra, dict):
                yield from _walk(_Place(f"{place.path}[{name}]", item, before, known), extra)
    elif isinstance(place.value, list):
        for index, item in enumerate(place.value):
            before = _same_item(item, place.old, schema)
            known = before is not None
            yield from _walk(_Place(f"{place.path}[{index}]", item, before, known), schema.get("items") or {})


def _same_item(item: Any, old: Any, schema: Schema) -> Any:
    """The item that a list had before under the same keys; only lists that are maps have such ones."""
    keys = schema.get("x-kubernetes-list-map-keys") or ()
    if schema.get("x-kubernetes-list-type") != "map" or not isinstance(old, list) or not isinstance(item, dict):
        return None
    found = (each for each in old if isinstance(each, dict))
    return next((each for each in found if all(each.get(key) == item.get(key) for key in keys)), None)


def _judge(place: _Place, schema: Schema, rule: dict[str, Any], *, root: bool) -> Iterator[Cause]:
    optional = bool(rule.get("optionalOldSelf"))
    try:
        program = expressions.compiled(rule["rule"], optional=optional)
    except UnplayedError as error:
        log.warning("a rule is not judged: %s: %s", rule["rule"], error)
        return
    except ExpressionError as error:
        yield _wrong(place.path, schema.get("type"), f"rule compile error: {error}")
        return
    if program.uses_old and not place.known and not optional:
        return
    if not program.uses_old and place.known and place.old == place.value:
        return  # what was there before the rule may stay
    value = expressions.seen(place.value, schema, root=root)
    old = expressions.seen(place.old, schema, root=root) if place.known else None
    try:
        if program.evaluate(value, old, known=place.known) is True:
            return
    except ExpressionError as error:
        said = rule.get("message", "").strip() or rule["rule"].strip()
        why = f"{error} evaluating rule: {said}"
        if str(error).startswith("no such overload"):
            words = "call arguments did not match a supported operator, function or macro signature for rule"
            why = f"'{error}': {words}: {said}"
        yield _wrong(place.path, schema.get("type"), why)
        return
    yield _refusal(place, schema, rule, _message(rule, value, old, known=place.known))


def _refusal(place: _Place, schema: Schema, rule: dict[str, Any], message: str) -> Cause:
    path = f"{place.path}.{rule.get('fieldPath', '').removeprefix('.')}".strip(".") or ROOT
    whole = schema.get("type") in ("object", "array")
    match rule.get("reason"):
        case "FieldValueForbidden":
            return forbidden(path, message)
        case "FieldValueRequired":
            return required(path, message)
        case "FieldValueDuplicate":
            shown = "" if whole else f": {go_value(place.value)}"
            return Cause("FieldValueDuplicate", path, f"Duplicate value{shown}")
    shown = "" if whole else f"{go_value(place.value)}: "
    return Cause("FieldValueInvalid", path, f"Invalid value: {shown}{message}")


def _message(rule: dict[str, Any], value: Any, old: Any, *, known: bool) -> str:
    """The rule's own words: of its expression when it gives any, else its message, else the rule."""
    text = rule.get("messageExpression", "")
    if text:
        try:
            found = expressions.compiled(text, optional=bool(rule.get("optionalOldSelf")))
            said = found.evaluate(value, old, known=known)
        except (ExpressionError, UnplayedError):
            said = None
        if isinstance(said, str) and 0 < len(said.strip().encode()) <= MAX_MESSAGE and "\n" not in said.strip():
            return said.strip()
    return rule.get("message", "").strip() or f"failed rule: {rule['rule'].strip()}"


def _wrong(path: str, value: Any, why: str) -> Cause:
    return Cause("FieldValueInvalid", path or ROOT, f"Invalid value: {go_value(value)}: {why}")


def definition_causes(schema: Schema, path: str, *, comparable: bool = True) -> Iterator[Cause]:
    """Yields what is wrong with the rules of one level of a definition's schema.

    Args:
        schema: The level.
        path: Its path in the definition.
        comparable: Whether a value here has one before it that it can be compared with.
    """
    for index, rule in enumerate(schema.get(RULES) or ()):
        place = f"{path}.{RULES}[{index}]"
        yield from _rule_causes(rule, place, comparable=comparable)


def _rule_causes(rule: dict[str, Any], place: str, *, comparable: bool) -> Iterator[Cause]:
    text, optional = rule.get("rule", ""), bool(rule.get("optionalOldSelf"))
    if not text.strip():
        yield required(f"{place}.rule", "rule is not specified")
        return
    for field, wanted in (("rule", "BOOL"), ("messageExpression", "STRING")):
        if not rule.get(field):
            continue
        try:
            program = expressions.compiled(rule[field], optional=optional)
        except UnplayedError:
            continue
        except ExpressionError as error:
            yield Cause("FieldValueInvalid", f"{place}.{field}", f"{_shown(rule, field)}compilation failed: {error}")
            continue
        if program.returns not in (wanted, "DYN"):
            word = {"BOOL": "bool", "STRING": "string"}[wanted]
            why = "cel expression must evaluate to a bool" if field == "rule" else f"must evaluate to a {word}"
            yield Cause("FieldValueInvalid", f"{place}.{field}", f"{_shown(rule, field)}{why}")
        elif field == "rule" and program.uses_old and not comparable:
            why = "oldSelf cannot be used on the uncorrelatable portion of the schema"
            yield Cause("FieldValueInvalid", f"{place}.{field}", f"Invalid value: {go_value(rule[field])}: {why}")


def _shown(rule: dict[str, Any], field: str) -> str:
    return f"Invalid value: {go_value(rule if field == 'rule' else rule[field])}: "


def _children(schema: Schema) -> Iterator[tuple[str, Schema]]:
    """The schemas below one, with the ends of their paths."""
    for name, child in (schema.get("properties") or {}).items():
        yield f"properties[{name}]", child
    for part in ("items", "additionalProperties"):
        if isinstance(child := schema.get(part), dict):
            yield part, child
