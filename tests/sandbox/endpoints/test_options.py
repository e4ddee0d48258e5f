"""The options of a request."""

from typing import Any

import pytest

from kmagic.sandbox.endpoints import options
from kmagic.sandbox.registry.deletion import DeleteOptions
from kmagic.sandbox.status import APIError
from tests.conformance.wire import envelope, field


@pytest.mark.parametrize(("text", "on"), [("", False), ("0", False), ("false", False), ("true", True), ("1", True)])
def test_flags(text: Any, on: Any) -> None:
    assert options.flag({"watch": text}, "watch") is on
    assert options.flag({}, "watch") is False


def test_numbers() -> None:
    assert options.number({"limit": "5"}, "limit") == 5
    assert options.number({}, "limit", 7) == 7
    with pytest.raises(APIError, match='parsing "x": invalid syntax'):
        options.number({"limit": "x"}, "limit")


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ({"dryRun": "some"}, "dryRun: Unsupported value"),
        ({"fieldValidation": "Maybe"}, "fieldValidation: Unsupported value"),
        ({"fieldManager": "x" * 129}, "fieldManager: Too long"),
        ({"fieldManager": "a\nb"}, r"invalid character U\+000A \(at position 1\)"),
        ({"force": "true"}, "may not be specified for non-apply patch"),
    ],
)
def test_options_that_do_not_exist_are_refused(query: Any, message: Any) -> None:
    with pytest.raises(APIError, match=message):
        options.write_options(query, "kubectl/v1", "patch")


@pytest.mark.parametrize(
    ("query", "body", "wanted"),
    [
        ({"gracePeriodSeconds": "3", "propagationPolicy": "Orphan"}, b"", DeleteOptions(grace_period_seconds=3, propagation_policy="Orphan")),
        ({"gracePeriodSeconds": "3"}, b'{"gracePeriodSeconds":0}', DeleteOptions(grace_period_seconds=0)),
        ({}, b'{"kind":"DeleteOptions","apiVersion":"apps/v1","dryRun":["All"]}', DeleteOptions(dry_run=["All"])),
        ({}, envelope("apps/v1", "DeleteOptions", field(1, 9)), DeleteOptions(grace_period_seconds=9)),
        ({"orphanDependents": "true"}, b"  ", DeleteOptions(orphan_dependents=True)),
    ],
)  # fmt: skip
def test_the_options_of_a_delete_are_its_body_or_else_its_query(query: Any, body: Any, wanted: Any) -> None:
    assert options.delete_options(query, body) == wanted


@pytest.mark.parametrize("body", [b'{"kind":"Pod","apiVersion":"v1"}', b'{"gracePeriodSeconds":"x"}', b"[]"])
def test_a_body_that_is_no_delete_options_is_refused(body: bytes) -> None:
    with pytest.raises(APIError) as caught:
        options.delete_options({}, body)
    assert caught.value.code == 400
