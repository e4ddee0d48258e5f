"""Questions about oneself and others."""

from typing import Any

import pytest

from kmagic.sandbox.access.authentication import Authenticator, User
from kmagic.sandbox.access.authorization import Authorizer
from kmagic.sandbox.access.reviews import reviews

ROOT = User("root", ("system:masters", "system:authenticated"), "u1")
NOBODY = User("nobody")


@pytest.fixture
def ask(still: Any) -> Any:
    known = reviews(Authenticator({"t": User("ada", ("poets",))}), Authorizer(still.store))

    def asked(kind: Any, spec: Any, user: Any = NOBODY) -> Any:
        name, _, group = kind.partition(".")
        body = {"apiVersion": f"{group}/v1", "kind": name, "metadata": {}, "spec": spec}
        return known[f"{name.lower()}s.{group}"](body, user)["status"]

    return asked


@pytest.mark.parametrize(("user", "allowed"), [(ROOT, True), (NOBODY, False)])
def test_whether_i_may(ask: Any, user: Any, allowed: Any) -> None:
    spec = {"resourceAttributes": {"verb": "delete", "resource": "pods", "namespace": "a"}}
    assert ask("SelfSubjectAccessReview.authorization.k8s.io", spec, user)["allowed"] is allowed


def test_whether_another_may(ask: Any) -> None:
    spec = {"user": "x", "groups": ["system:authenticated"], "nonResourceAttributes": {"verb": "get", "path": "/api"}}
    status = ask("SubjectAccessReview.authorization.k8s.io", spec)
    assert status["allowed"]
    assert "RBAC" in status["reason"]


def test_what_i_may_do(ask: Any) -> None:
    status = ask("SelfSubjectRulesReview.authorization.k8s.io", {"namespace": "default"}, ROOT)
    assert {"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]} in status["resourceRules"]
    assert {"verbs": ["*"], "nonResourceURLs": ["*"]} in status["nonResourceRules"]


def test_who_i_am_and_whose_a_token_is(ask: Any) -> None:
    info = ask("SelfSubjectReview.authentication.k8s.io", {}, ROOT)["userInfo"]
    assert info == {"username": "root", "groups": ["system:masters", "system:authenticated"], "uid": "u1"}
    found = ask("TokenReview.authentication.k8s.io", {"token": "t"})
    assert (found["authenticated"], found["user"]["username"]) == (True, "ada")
    assert ask("TokenReview.authentication.k8s.io", {"token": "x"}) == {"user": {}, "error": "invalid bearer token"}
