"""The ClusterRoles and bindings a new cluster has: view, edit, admin, cluster-admin, and what everybody may do.

Source: plugin/pkg/auth/authorizer/rbac/bootstrappolicy/policy.go, kubernetes v1.37.2; the rule for metrics is the one
metrics-server adds to view.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kmagic.api.types import JSONObject

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ("VIEWERS", "roles")

RBAC = "rbac.authorization.k8s.io"
VIEWERS = "kmagic:viewers"
"""The group of the read-only user."""

READ = ["get", "list", "watch"]
WRITE = ["create", "delete", "deletecollection", "patch", "update"]
PUBLIC = "/healthz /livez /readyz /version /version/"
BOOTSTRAPPING = {"kubernetes.io/bootstrapping": "rbac-defaults"}


def roles() -> Iterator[JSONObject]:
    """Every role and binding, to be created in this order."""
    everything = [_rule("*", "*", ["*"]), {"nonResourceURLs": ["*"], "verbs": ["*"]}]
    viewing, editing = list(_viewing()), list(_editing())
    yield _role("cluster-admin", everything)
    yield _role("admin", [*editing, *viewing, *_administering()])
    yield _role("edit", [*editing, *viewing], aggregate_to="admin")
    yield _role("view", viewing, aggregate_to="edit")
    yield _role("system:discovery", [_discovering()])
    yield _role("system:public-info-viewer", [{"nonResourceURLs": PUBLIC.split(), "verbs": ["get"]}])
    yield _role("system:basic-user", list(_reviewing()))
    yield _binding("cluster-admin", "cluster-admin", "system:masters")
    yield _binding("system:discovery", "system:discovery", "system:authenticated")
    yield _binding("system:basic-user", "system:basic-user", "system:authenticated")
    public = "system:public-info-viewer"
    yield _binding(public, public, "system:authenticated", "system:unauthenticated")
    yield _binding(VIEWERS, "view", VIEWERS)


def _viewing() -> Iterator[JSONObject]:
    yield _rule(
        "",
        "configmaps endpoints persistentvolumeclaims persistentvolumeclaims/status pods replicationcontrollers "
        "replicationcontrollers/scale serviceaccounts services services/status",
    )
    yield _rule(
        "",
        "bindings limitranges namespaces/status pods/log pods/status replicationcontrollers/status resourcequotas "
        "resourcequotas/status",
    )
    yield _rule("", "namespaces")
    yield {"apiGroups": ["", "events.k8s.io"], "resources": ["events"], "verbs": READ}
    yield _rule("discovery.k8s.io", "endpointslices")
    yield _rule(
        "apps",
        "controllerrevisions daemonsets daemonsets/status deployments deployments/scale deployments/status replicasets "
        "replicasets/scale replicasets/status statefulsets statefulsets/scale statefulsets/status",
    )
    yield _rule("autoscaling", "horizontalpodautoscalers horizontalpodautoscalers/status")
    yield _rule("batch", "cronjobs cronjobs/status jobs jobs/status")
    yield _rule("policy", "poddisruptionbudgets poddisruptionbudgets/status")
    yield _rule("networking.k8s.io", "ingresses ingresses/status networkpolicies")
    yield _rule("resource.k8s.io", "resourceclaims resourceclaims/status resourceclaimtemplates")
    yield _rule("metrics.k8s.io", "pods nodes")


def _editing() -> Iterator[JSONObject]:
    running = "pods/attach pods/exec pods/portforward pods/proxy"
    yield _rule("", f"{running} secrets services/proxy")
    yield _rule("", "serviceaccounts", ["impersonate"])
    yield _rule("", f"pods {running}", WRITE)
    yield _rule("", "pods/eviction", ["create"])
    yield _rule(
        "",
        "configmaps persistentvolumeclaims replicationcontrollers replicationcontrollers/scale secrets serviceaccounts "
        "services services/proxy",
        WRITE,
    )
    yield _rule("", "serviceaccounts/token", ["create"])
    yield {"apiGroups": ["", "events.k8s.io"], "resources": ["events"], "verbs": WRITE}
    yield _rule(
        "apps",
        "daemonsets deployments deployments/rollback deployments/scale replicasets replicasets/scale statefulsets "
        "statefulsets/scale",
        WRITE,
    )
    yield _rule("autoscaling", "horizontalpodautoscalers", WRITE)
    yield _rule("batch", "cronjobs jobs", WRITE)
    yield _rule("policy", "poddisruptionbudgets", WRITE)
    yield _rule("networking.k8s.io", "ingresses networkpolicies", WRITE)
    yield _rule("coordination.k8s.io", "leases", sorted([*READ, *WRITE]))
    yield _rule("resource.k8s.io", "resourceclaims resourceclaimtemplates", WRITE)


def _administering() -> Iterator[JSONObject]:
    yield _rule("authorization.k8s.io", "localsubjectaccessreviews", ["create"])
    yield _rule(RBAC, "rolebindings roles", sorted([*READ, *WRITE]))


def _discovering() -> JSONObject:
    paths = f"/api /api/* /apis /apis/* /openapi /openapi/* {PUBLIC}"
    return {"nonResourceURLs": paths.split(), "verbs": ["get"]}


def _reviewing() -> Iterator[JSONObject]:
    yield _rule("authorization.k8s.io", "selfsubjectaccessreviews selfsubjectrulesreviews", ["create"])
    yield _rule("authentication.k8s.io", "selfsubjectreviews", ["create"])


def _rule(group: str, resources: str, verbs: list[str] = READ) -> JSONObject:
    return {"apiGroups": [group], "resources": resources.split(), "verbs": verbs}


def _role(name: str, rules: list[JSONObject], *, aggregate_to: str = "") -> JSONObject:
    labels = dict(BOOTSTRAPPING)
    if aggregate_to:
        labels[f"{RBAC}/aggregate-to-{aggregate_to}"] = "true"
    return {
        "apiVersion": f"{RBAC}/v1",
        "kind": "ClusterRole",
        "metadata": {"name": name, "labels": labels},
        "rules": rules,
    }


def _binding(name: str, role: str, *groups: str) -> JSONObject:
    return {
        "apiVersion": f"{RBAC}/v1",
        "kind": "ClusterRoleBinding",
        "metadata": {"name": name},
        "roleRef": {"apiGroup": RBAC, "kind": "ClusterRole", "name": role},
        "subjects": [{"apiGroup": RBAC, "kind": "Group", "name": group} for group in groups],
    }
