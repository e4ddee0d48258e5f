"""Go's leniency, where the strict decoder refuses; see also test_model."""

from __future__ import annotations

import pytest

from kmagic.api.model_lenient import decode, without_empty
from kmagic.errors import DecodeError
from kmagic.models.core_v1 import Pod, Service
from kmagic.models.rbac_v1 import ClusterRole


def test_an_aggregated_role_has_null_rules() -> None:
    role = decode(
        ClusterRole, b'{"metadata":{"name":"admin"},"rules":null,"aggregationRule":{"clusterRoleSelectors":null}}'
    )
    assert role.rules == []
    assert role.aggregation_rule is not None
    assert role.aggregation_rule.cluster_role_selectors == []


def test_numbers_in_a_manifest_are_quantities() -> None:
    pod = decode(
        Pod,
        b'{"spec":{"containers":[{"name":"a","resources":{"limits":{"cpu":2,"memory":"1Gi"},"requests":{"cpu":0.5}}}]}}',
    )
    resources = pod.spec.containers[0].resources
    assert resources is not None
    assert (resources.limits, resources.requests) == ({"cpu": "2", "memory": "1Gi"}, {"cpu": "0.5"})


def test_ports_stay_numbers_or_names() -> None:
    service = decode(
        Service, b'{"spec":{"ports":[{"port":80,"targetPort":8080},{"port":81,"targetPort":"web"}],"clusterIPs":null}}'
    )
    assert [port.target_port for port in service.spec.ports] == [8080, "web"]
    assert service.spec.cluster_ips == []


def test_a_wrong_type_is_still_wrong() -> None:
    with pytest.raises(DecodeError, match=r"not a Pod: .*\$.spec.containers"):
        decode(Pod, b'{"spec":{"containers":{}}}')


def test_only_structs_that_are_never_none_are_pruned() -> None:
    plain = Pod.from_dict({"spec": {"securityContext": {}, "volumes": [{"name": "v", "emptyDir": {}}]}}).to_dict()
    assert without_empty(Pod, plain)["spec"] == {
        "securityContext": {},
        "volumes": [{"name": "v", "emptyDir": {}}],
    }
    assert "status" not in without_empty(Pod, plain)
