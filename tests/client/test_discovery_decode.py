from __future__ import annotations

import json

import pytest

from kmagic.client import discovery_decode
from kmagic.errors import DecodeError
from tests.client.worlds import AGGREGATED, CORE, NAMED


def test_DI_02_the_content_type_says_the_form() -> None:
    body = json.dumps({"items": CORE}).encode()
    found = discovery_decode.groups(AGGREGATED["content-type"], body)
    assert found.aggregated
    assert found.groups[0].api_versions == ("v1",)
    plain = discovery_decode.groups("application/json", b'{"kind":"APIVersions","versions":["v1"]}')
    assert not plain.aggregated
    assert plain.groups[0].preferred == "v1"
    assert discovery_decode.groups("application/json", b'{"kind":"APIGroupList","groups":null}').groups == ()


def test_DI_05_stale_versions() -> None:
    found = discovery_decode.groups(AGGREGATED["content-type"], json.dumps({"items": NAMED}).encode())
    assert list(found.failures) == ["metrics.k8s.io/v1beta1"]


def test_legacy_resources() -> None:
    body = b'{"resources":[{"name":"foos","kind":"Foo","namespaced":true},{"name":"foos/status","kind":"Foo"}]}'
    (foo,) = discovery_decode.legacy_resources("g.io/v1", body)
    assert (foo.group, foo.version, foo.singular, foo.subresources) == ("g.io", "v1", "foo", ("status",))
    assert discovery_decode.legacy_resources("v1", b"{}") == ()


@pytest.mark.parametrize("content_type", ["application/json", AGGREGATED["content-type"]])
def test_nonsense_is_an_error(content_type: str) -> None:
    with pytest.raises(DecodeError, match="not readable"):
        discovery_decode.groups(content_type, b"<html>")
    with pytest.raises(DecodeError, match="not readable"):
        discovery_decode.legacy_resources("v1", b"<html>")
