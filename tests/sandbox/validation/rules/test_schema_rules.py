"""Which rules are looked at, and where; their words are compared with the real server's in the conformance suite."""

from typing import Any

from kmagic.sandbox.status import Cause
from kmagic.sandbox.validation.rules.schema_rules import blocks, causes, definition_causes, has_rules


def ruled(rule: Any, **schema: Any) -> Any:
    return {"x-kubernetes-validations": [{"rule": rule, "message": "no"}], **schema}


def fields(value: Any, schema: Any, old: Any = None) -> Any:
    return [cause.field for cause in causes(value, schema, old)]


def test_rules_are_found_at_any_depth() -> None:
    deep = {"type": "array", "items": {"properties": {"a": {"additionalProperties": ruled("false")}}}}
    assert has_rules(deep)
    assert not has_rules({"properties": {"a": {"items": {}}}})
    assert fields([{"a": {"k": 1}}], deep) == ["[0].a[k]"]


def test_nulls_and_what_is_not_there_are_not_judged() -> None:
    schema = {"properties": {"a": ruled("false", nullable=True)}}
    assert fields({"a": None}, schema) == fields({}, schema) == []


def test_what_is_as_it_was_may_stay_and_what_changes_is_judged() -> None:
    schema = {"properties": {"a": ruled("self > 5"), "b": ruled("self == oldSelf")}}
    assert fields({"a": 1, "b": 1}, schema, {"a": 1, "b": 1}) == []
    assert fields({"a": 2, "b": 2}, schema, {"a": 1, "b": 1}) == ["a", "b"]
    assert fields({"a": 6, "b": 2}, schema) == []


def test_items_are_compared_only_in_lists_that_are_maps() -> None:
    item = {"type": "object", "properties": {"k": {}, "v": ruled("self >= oldSelf")}}
    keyed = {"items": item, "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["k"]}
    old, new = [{"k": 1, "v": 5}, {"k": 2, "v": 5}], [{"k": 2, "v": 6}, {"k": 1, "v": 4}]
    assert fields(new, keyed, old) == ["[1].v"]
    assert fields(new, {"items": item}, old) == []


def test_a_rule_that_the_sandbox_cannot_judge_refuses_nothing() -> None:
    assert fields({"q": "1"}, ruled("quantity(self.q).isPositive()", properties={"q": {}})) == []
    assert list(definition_causes(ruled("quantity(self.q).isPositive()"), "spec")) == []


def test_a_transition_rule_where_nothing_is_compared_is_refused() -> None:
    assert list(definition_causes(ruled("self == oldSelf"), "spec")) == []
    (cause,) = definition_causes(ruled("self == oldSelf"), "spec", comparable=False)
    assert "uncorrelatable portion of the schema" in cause.message


def test_rules_wait_for_what_they_read() -> None:
    assert blocks([Cause("FieldValueRequired", "a", "")])
    assert not blocks([Cause("FieldValueInvalid", "a", "")])
