"""The words of what is wrong with a field, and the checks that many kinds share."""

from typing import Any

import pytest

from kmagic.sandbox.validation.rules import causes


@pytest.mark.parametrize(
    ("cause", "text"),
    [
        (causes.required("a.b"), "a.b: Required value"),
        (causes.required("a", "say why"), "a: Required value: say why"),
        (causes.wrong("a", {"x": 1}, "is bad"), 'a: Invalid value: {"x":1}: is bad'),
        (causes.unsupported("a", "x", ("y", "z")), 'a: Unsupported value: "x": supported values: "y", "z"'),
        (causes.forbidden("a", "no"), "a: Forbidden: no"),
        (causes.duplicate("a", 1), "a: Duplicate value: 1"),
        (causes.too_long("a", 3), "a: Too long: may not be more than 3 bytes"),
        (causes.not_found("a", "x"), 'a: Not found: "x"'),
    ],
)
def test_a_cause_reads_as_the_servers(cause: Any, text: Any) -> None:
    assert str(cause) == text


@pytest.mark.parametrize(
    ("found", "wrong"),
    [
        (causes.not_negative({"n": -1, "m": 0}, "spec", "n", "m", "o"), 1),
        (causes.choice({"n": "x"}, "spec", "n", ("x", "y")), 0),
        (causes.choice({}, "spec", "n", ("x",)), 1),
        (causes.port_number("p", 65535), 0),
        (causes.port_number("p", 0), 1),
        (causes.any_port("p", "http"), 0),
        (causes.any_port("p", "Not a port"), 1),
        (causes.quantity("q", "1Gi"), 0),
        (causes.quantity("q", "-1"), 1),
        (causes.quantity("q", "0", positive=True), 1),
        (causes.share("s", "30%"), 0),
        (causes.share("s", "30"), 1),
        (causes.share_of_all("s", "101%"), 1),
        (causes.address("a", "fd00::1"), 0),
        (causes.address("a", "300.1.1.1"), 1),
        (causes.network("n", "10.0.0.0/8"), 0),
        (causes.network("n", "10.0.0.0"), 1),
    ],
)
def test_shared_checks(found: Any, wrong: Any) -> None:
    assert len([*found]) >= wrong if wrong else not [*found]
