"""Values of custom resources against their schema, with the server's words."""

from typing import Any

import pytest

from kmagic.sandbox.validation.structural import causes


@pytest.mark.parametrize(
    ("value", "schema", "message"),
    [
        ({}, {"required": ["a"]}, "a: Required value"),
        ({"a": 3}, {"properties": {"a": {"minimum": 5}}}, "a: Invalid value: 3: a in body should be greater than or equal to 5"),
        ({"a": "x"}, {"properties": {"a": {"enum": ["y", "z"]}}}, 'a: Unsupported value: "x": supported values: "y", "z"'),
        ({"a": "xx"}, {"properties": {"a": {"maxLength": 1}}}, None),
        ({"a": "x"}, {"properties": {"a": {"pattern": "^y"}}}, "a: Invalid value: \"x\": a in body should match '^y'"),
        ({"a": {"k": 9}}, {"properties": {"a": {"additionalProperties": {"maximum": 1}}}}, None),
        ({"a": [1, 1]}, {"properties": {"a": {"x-kubernetes-list-type": "set"}}}, "a[1]: Duplicate value: 1"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_its_field(value: Any, schema: Any, message: Any) -> None:
    found = [str(cause) for cause in causes(value, schema)]
    assert len(found) == 1
    assert message in (None, found[0])


def test_what_fits_has_no_causes() -> None:
    schema = {"required": ["a"], "properties": {"a": {"type": "array", "maxItems": 2, "items": {"minimum": 1}}}}
    assert list(causes({"a": [1, 2], "b": "kept"}, schema)) == []
