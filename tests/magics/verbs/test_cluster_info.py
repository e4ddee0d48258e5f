"""%kcluster-info: the address, and the cluster's own Services."""

from __future__ import annotations

import pytest

from tests.magics.conftest import Notebook


@pytest.mark.parametrize(
    ("port", "link"),
    [
        pytest.param("{port: 80}", "services/own/proxy", id="no name"),
        pytest.param("{port: 80, name: web}", "services/own:web/proxy", id="a named port"),
        pytest.param("{port: 443}", "services/https:own:/proxy", id="https by its port"),
        pytest.param("{port: 80, name: https}", "services/https:own:https/proxy", id="https by its name"),
    ],
)
def test_services_of_the_cluster_have_links(online: Notebook, port: str, link: str) -> None:
    namespace = online.session.target.namespace
    online.ok(
        f"""%%kapply
apiVersion: v1
kind: Service
metadata: {{name: own, labels: {{kubernetes.io/cluster-service: "true", kubernetes.io/name: Own}}}}
spec: {{ports: [{port}]}}
"""
    )
    text = online.ok(f"%kcluster-info -n {namespace}").value
    server = online.session.place.config.server
    assert text.startswith(f"Kubernetes control plane is running at {server}\n")
    assert f"Own is running at {server}/api/v1/namespaces/{namespace}/{link}\n" in text
