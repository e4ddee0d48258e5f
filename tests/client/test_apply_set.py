"""The id of a set is the one that kubectl computes."""

from __future__ import annotations

import pytest

from kmagic.client.apply_set import _id
from kmagic.rest.resource import APIResource

SECRETS = APIResource("", "v1", "secrets", "Secret", True)
SETS = APIResource("company.com", "v1", "applysets", "ApplySet", False)


@pytest.mark.parametrize(
    ("name", "namespace", "parent", "found"),
    [
        # Those of kubectl's own tests.
        pytest.param("my-set", "test", SECRETS, "applyset-0eFHV8ySqp7XoShsGvyWFQD3s96yqwHmzc4e0HR1dsY-v1", id="Secret"),
        pytest.param("my-set", "", SETS, "applyset-rhp1a-HVAVT_dFgyEygyA1BEB82HPp2o10UiFTpqtAs-v1", id="custom"),
    ],
)
def test_the_id_is_made_of_name_namespace_kind_and_group(
    name: str, namespace: str, parent: APIResource, found: str
) -> None:
    assert _id(name, namespace, parent) == found
