"""What is too long."""

from typing import Any

import pytest

from kmagic.sandbox.validation.sizes import causes

MANY = "x" * (256 * 1024)
HUGE = "x" * (1024 * 1024 + 1)


@pytest.mark.parametrize(
    ("obj", "field"),
    [
        ({"kind": "Pod", "metadata": {"annotations": {"a": MANY}}}, "metadata.annotations"),
        ({"kind": "Pod", "metadata": {"annotations": {"a": MANY[:-1]}}}, None),
        ({"kind": "ConfigMap", "metadata": {}, "data": {"a": HUGE}}, "[]"),
        ({"kind": "ConfigMap", "metadata": {}, "data": {"a": HUGE[:-1]}}, None),
    ],
    ids=["annotations", "annotations that fit", "data", "data that fits"],
)
def test_a_limit_is_the_last_that_fits(obj: Any, field: Any) -> None:
    assert [cause.field for cause in causes({"apiVersion": "v1", **obj})] == ([] if field is None else [field])
