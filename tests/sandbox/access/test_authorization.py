"""Roles and bindings that people write, and the sentences of a refusal."""

from typing import Any

import pytest

from kmagic.sandbox.access.authentication import User
from kmagic.sandbox.access.authorization import Attributes, Authorizer
from kmagic.sandbox.status import APIError

RBAC = "rbac.authorization.k8s.io"


def grant(client: Any, subject: Any, *rules: Any, namespace: Any = "default") -> Any:
    head = {"apiVersion": f"{RBAC}/v1", "metadata": {"name": "r", "namespace": namespace}}
    client.create({**head, "kind": "Role", "rules": list(rules)})
    reference = {"apiGroup": RBAC, "kind": "Role", "name": "r"}
    client.create({**head, "kind": "RoleBinding", "roleRef": reference, "subjects": [subject]})
    return Authorizer(client.store)


ADA = {"kind": "User", "name": "ada", "apiGroup": RBAC}
READ = {"apiGroups": [""], "resources": ["configmaps"], "verbs": ["get"], "resourceNames": ["one"]}


@pytest.mark.parametrize(
    ("wanted", "allowed"),
    [
        (Attributes("get", resource="configmaps", namespace="default", name="one"), True),
        (Attributes("get", resource="configmaps", namespace="default", name="two"), False),
        (Attributes("get", resource="configmaps", namespace="other", name="one"), False),
        (Attributes("list", resource="configmaps", namespace="default"), False),
        (Attributes("get", group="apps", resource="configmaps", namespace="default", name="one"), False),
    ],
)
def test_a_role_allows_what_it_names_in_its_namespace(still: Any, wanted: Any, allowed: Any) -> None:
    assert grant(still, ADA, READ).allows(User("ada"), wanted) is allowed


@pytest.mark.parametrize(
    ("subject", "user"),
    [
        ({"kind": "Group", "name": "poets", "apiGroup": RBAC}, User("x", ("poets",))),
        ({"kind": "ServiceAccount", "name": "sa", "namespace": "default"}, User("system:serviceaccount:default:sa")),
    ],
)
def test_groups_and_service_accounts_are_subjects(still: Any, subject: Any, user: Any) -> None:
    rule = {"apiGroups": ["apps"], "resources": ["*/scale"], "verbs": ["*"]}
    wanted = Attributes("update", "apps", "deployments", "scale", "default", "web")
    authorizer = grant(still, subject, rule)
    assert authorizer.allows(user, wanted)
    assert not authorizer.allows(User("other"), wanted)


@pytest.mark.parametrize(
    ("wanted", "sentence"),
    [
        (Attributes("get", path="/x"), 'forbidden: User "ada" cannot get path "/x"'),
        (
            Attributes("list", resource="pods"),
            'pods is forbidden: User "ada" cannot list resource "pods" in API group "" at the cluster scope',
        ),
        (
            Attributes("get", "apps", "deployments", "scale", "shop", "web"),
            'deployments.apps "web" is forbidden: User "ada" cannot get resource "deployments/scale" in API group "apps"'
            ' in the namespace "shop"',
        ),
    ],
)
def test_a_refusal_says_who_may_not_do_what_where(still: Any, wanted: Any, sentence: Any) -> None:
    with pytest.raises(APIError) as caught:
        Authorizer(still.store).require(User("ada"), wanted)
    assert (caught.value.code, str(caught.value)) == (403, sentence)
