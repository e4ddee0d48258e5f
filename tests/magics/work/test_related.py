"""What is read beside an object for its description."""

from __future__ import annotations

from tests.magics.conftest import Notebook

QUOTA = """%%kapply
apiVersion: v1
kind: ResourceQuota
metadata: {name: few}
spec: {hard: {configmaps: "50"}}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: front}
spec: {defaultBackend: {service: {name: nowhere, port: {number: 80}}}}
"""


def test_a_namespace_is_told_with_its_quotas_and_an_ingress_with_what_is_behind_it(online: Notebook) -> None:
    online.ok(QUOTA)
    namespace = online.session.target.namespace
    assert "Resource Quotas\n  Name:" in str(online.ok(f"%kdescribe ns {namespace}").value)
    told = str(online.ok("%kdescribe ing front").value)
    assert 'nowhere:80 (<error: services "nowhere" not found>)' in told
