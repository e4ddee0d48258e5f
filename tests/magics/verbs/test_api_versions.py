"""%kapi-versions on running servers."""

from __future__ import annotations

from tests.magics.conftest import Notebook


def test_versions_are_values(online: Notebook) -> None:
    found = online.ok("%kapi-versions").value
    assert list(found) == sorted(found)
    assert {"v1", "apps/v1", "batch/v1"} <= set(found)
