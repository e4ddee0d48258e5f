"""Services, Ingresses, NetworkPolicies."""

from typing import Any

import pytest

from kmagic.sandbox.validation.rules import services

PORT = {"port": 80, "protocol": "TCP", "targetPort": 8080}
SPEC = {"type": "ClusterIP", "ports": [PORT], "sessionAffinity": "None", "internalTrafficPolicy": "Cluster", "clusterIP": "10.96.0.9", "clusterIPs": ["10.96.0.9"], "ipFamilies": ["IPv4"], "ipFamilyPolicy": "SingleStack"}  # fmt: skip
PATH = {"path": "/", "pathType": "Prefix", "backend": {"service": {"name": "s", "port": {"number": 80}}}}


def service(**change: Any) -> Any:
    return {"metadata": {"name": "s", "namespace": "d"}, "spec": {**SPEC, **change}}


def ingress(**change: Any) -> Any:
    return {"metadata": {"name": "i", "namespace": "d"}, "spec": {"rules": [{"http": {"paths": [{**PATH, **change}]}}]}}


@pytest.mark.parametrize(
    ("check", "obj", "field"),
    [
        (services.service, service(), None),
        (services.service, service(ports=[]), "spec.ports"),
        (services.service, service(ports=[{**PORT, "port": 0}]), "spec.ports[0].port"),
        (services.service, service(ports=[PORT, {**PORT, "port": 81}]), "spec.ports[0].name"),
        (services.service, service(type="Magic"), "spec.type"),
        (services.service, service(sessionAffinity="Sticky"), "spec.sessionAffinity"),
        (services.ingress, ingress(), None),
        (services.ingress, ingress(pathType="Fuzzy"), "spec.rules[0].http.paths[0].pathType"),
        (services.ingress, ingress(path="no-slash"), "spec.rules[0].http.paths[0].path"),
        (services.ingress, {"metadata": {"name": "i"}, "spec": {}}, "spec"),
        (services.network_policy, {"spec": {"podSelector": {}, "policyTypes": ["Ingress"]}}, None),
        (services.network_policy, {"spec": {"podSelector": {}, "policyTypes": ["Sideways"]}}, "spec.policyTypes[0]"),
    ],
)
def test_what_is_wrong_with_a_service_or_what_is_before_or_around_it(check: Any, obj: Any, field: Any) -> None:
    assert [cause.field for cause in check(obj)][:1] == ([field] if field else [])


def test_a_service_keeps_its_address() -> None:
    found = [*services.service_change(service(), service(clusterIP="10.96.0.10", clusterIPs=["10.96.0.10"]))]
    assert found[0].field.startswith("spec.clusterIP")
    assert not [*services.service_change(service(), service(ports=[{**PORT, "port": 81}]))]
