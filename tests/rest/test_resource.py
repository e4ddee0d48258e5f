from __future__ import annotations

import pytest

from kmagic.rest.resource import APIResource, check_segment, segment_problem

PODS = APIResource("", "v1", "pods", "Pod", True)
DEPLOYMENTS = APIResource("apps", "v1", "deployments", "Deployment", True)
NODES = APIResource("", "v1", "nodes", "Node", False)


@pytest.mark.parametrize(
    ("resource", "namespace", "name", "subresource", "path"),
    [
        pytest.param(PODS, "shop", "web-0", "", "/api/v1/namespaces/shop/pods/web-0", id="RE-12 core"),
        pytest.param(PODS, None, "", "", "/api/v1/pods", id="RE-12 all namespaces"),
        pytest.param(
            DEPLOYMENTS,
            "shop",
            "web",
            "scale",
            "/apis/apps/v1/namespaces/shop/deployments/web/scale",
            id="RE-12 subresource",
        ),
        pytest.param(NODES, "shop", "n1", "", "/api/v1/nodes/n1", id="RE-12 cluster scope has no namespace"),
        pytest.param(NODES, None, "n1", "proxy/healthz", "/api/v1/nodes/n1/proxy/healthz", id="RE-12 long subresource"),
        pytest.param(
            APIResource("rbac.authorization.k8s.io", "v1", "clusterroles", "ClusterRole", False),
            None,
            "system:node",
            "",
            "/apis/rbac.authorization.k8s.io/v1/clusterroles/system:node",
            id="RE-12 colons stay",
        ),
        pytest.param(
            APIResource("g", "v1", "FOOS", "Foo", False),
            None,
            "a b",
            "",
            "/apis/g/v1/foos/a%20b",
            id="RE-12 lower-cased",
        ),
    ],
)
def test_path(resource: APIResource, namespace: str | None, name: str, subresource: str, path: str) -> None:
    assert resource.path(namespace, name, subresource) == path


@pytest.mark.parametrize(
    ("segment", "problem"),
    [
        pytest.param("web-0", "", id="RE-13 plain"),
        pytest.param(".", "may not be '.'", id="RE-13 dot"),
        pytest.param("..", "may not be '..'", id="RE-13 dots"),
        pytest.param("a/b", "may not contain '/'", id="RE-13 slash"),
        pytest.param("a%b", "may not contain '%'", id="RE-13 percent"),
    ],
)
def test_segment(segment: str, problem: str) -> None:
    assert segment_problem(segment) == problem


def test_RE_13_a_bad_name_never_becomes_a_path() -> None:
    with pytest.raises(ValueError, match=r"""invalid resource name "x/y": \[may not contain '/'\]"""):
        PODS.path("shop", "x/y")
    with pytest.raises(ValueError, match="invalid namespace"):
        PODS.path("..", "x")
    with pytest.raises(ValueError, match="invalid thing"):
        check_segment("..", "thing")


def test_names_of_a_resource() -> None:
    assert (DEPLOYMENTS.full_name, DEPLOYMENTS.api_version) == ("deployments.apps", "apps/v1")
    assert (PODS.full_name, PODS.api_version) == ("pods", "v1")
    assert str(DEPLOYMENTS.gvk) == "apps/v1, Kind=Deployment"
    assert str(DEPLOYMENTS.group_resource) == "deployments.apps"
    assert DEPLOYMENTS.gvr.resource == "deployments"
