"""What new objects are given, and what may not go."""

from typing import Any

import pytest

from kmagic.sandbox.status import APIError


def pod(client: Any, **spec: Any) -> Any:
    spec = {"containers": [{"name": "c", "image": "i"}], **spec}
    body = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p", "namespace": "default"}, "spec": spec}
    return client.create(body).decode()


def service(client: Any, name: Any = "s", **spec: Any) -> Any:
    body = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": name, "namespace": "default"}}
    return client.create({**body, "spec": {"ports": [{"port": 80}], **spec}}).decode()


def test_a_pod_gets_tolerations_and_a_priority(still: Any) -> None:
    spec = pod(still)["spec"]
    assert {t["key"] for t in spec["tolerations"]} == {"node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"}
    assert spec["priority"] == 0
    assert spec["serviceAccountName"] == "default"


def test_a_priority_class_gives_its_value_and_must_be_there(still: Any) -> None:
    assert pod(still, priorityClassName="system-node-critical")["spec"]["priority"] == 2_000_001_000
    with pytest.raises(APIError, match="no PriorityClass with name none was found"):
        pod(still, priorityClassName="none")


def test_services_get_addresses_of_their_own(still: Any) -> None:
    one, two = service(still, "one"), service(still, "two", type="NodePort")
    assert one["spec"]["clusterIP"] != two["spec"]["clusterIP"]
    assert 30_000 <= two["spec"]["ports"][0]["nodePort"] <= 32_767
    with pytest.raises(APIError, match="provided IP is already allocated"):
        service(still, "three", clusterIP=one["spec"]["clusterIP"])
    assert service(still, "four", clusterIP="None")["spec"]["clusterIP"] == "None"
