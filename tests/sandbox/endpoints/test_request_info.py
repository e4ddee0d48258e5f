"""What a path names."""

from typing import Any

import pytest

from kmagic.sandbox.endpoints.request_info import Target, attributes, parse


@pytest.mark.parametrize(
    ("method", "path", "target"),
    [
        ("GET", "/api/v1/pods", Target("list", "", "v1", "pods")),
        ("GET", "/api/v1/namespaces/a/pods/p/log", Target("get", "", "v1", "pods", "a", "p", "log")),
        ("GET", "/apis/apps/v1/namespaces/a/deployments/", Target("list", "apps", "v1", "deployments", "a")),
        ("DELETE", "/api/v1/namespaces/a/pods", Target("deletecollection", "", "v1", "pods", "a")),
        ("GET", "/api/v1/namespaces/a", Target("get", "", "v1", "namespaces", "a", "a")),
        ("PUT", "/api/v1/namespaces/a/finalize", Target("update", "", "v1", "namespaces", "a", "a", "finalize")),
        ("GET", "/api/v1/watch/pods", Target("watch", "", "v1", "pods")),
        ("GET", "/api/v1/namespaces/a/services/s/proxy/x/y", Target("get", "", "v1", "services", "a", "s", "proxy", "x/y")),
        ("POST", "/apis/x.io/v1/things", Target("create", "x.io", "v1", "things")),
    ],
)  # fmt: skip
def test_a_path_names_a_place_and_a_verb(method: Any, path: Any, target: Any) -> None:
    found = parse(method, path)
    assert found == target
    assert attributes(found).verb == target.verb


def test_a_watch_is_a_verb_of_its_own() -> None:
    assert parse("GET", "/api/v1/pods", watch=True) == Target("watch", "", "v1", "pods")


@pytest.mark.parametrize("path", ["/", "/api", "/api/v1", "/apis/apps/v1", "/version", "/openapi/v3/apis/apps/v1"])
def test_other_paths_are_no_resources(path: str) -> None:
    assert parse("GET", path) is None
