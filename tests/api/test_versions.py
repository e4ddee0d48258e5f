"""The order of API versions."""

from __future__ import annotations

import random

import pytest

from kmagic.api.versions import is_stable, version_key

ORDER = ["v10", "v2", "v1", "v11beta2", "v10beta3", "v3beta1", "v1beta1", "v12alpha1", "v11alpha2", "foo1", "foo10"]


def test_versions_sort_from_the_most_preferred_on() -> None:
    mixed = ORDER.copy()
    random.Random(1).shuffle(mixed)
    assert sorted(mixed, key=version_key) == ORDER


@pytest.mark.parametrize(
    ("version", "stable"), [("v1", True), ("v2", True), ("v1beta1", False), ("v0", False), ("1", False)]
)
def test_only_plain_versions_are_stable(version: str, stable: bool) -> None:
    assert is_stable(version) is stable
