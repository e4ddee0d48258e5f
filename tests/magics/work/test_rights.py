"""What a person may not do, as the server says it."""

from __future__ import annotations

from pathlib import Path

import pytest

from kmagic.errors import KubeError
from kmagic.magics.language.row_lines import needs
from kmagic.magics.work.rights import refusals, review
from tests.magics.conftest import Notebook
from tests.magics.person import being_nobody, until_allowed


def test_only_what_is_not_allowed_has_a_reason(online: Notebook, tmp_path: Path) -> None:
    namespace = online.session.target.namespace
    online.ok("%kcreate role reader --verb=get,list,watch,delete --resource=configmaps")
    online.ok(f"%kcreate rolebinding reader --role=reader --serviceaccount={namespace}:nobody")

    def asked() -> dict[str, str]:
        client = online.session.place.client
        pods = online.session.runtime.run(client.mapper.resource_for("pods"))
        maps = online.session.runtime.run(client.mapper.resource_for("configmaps"))
        questions = {
            "maps": {**needs("delete", maps), "namespace": namespace},
            "pods": {**needs("delete", pods), "namespace": namespace},
            "exec": {**needs("exec", pods), "namespace": namespace},
        }
        return online.session.runtime.run(refusals(client, questions))

    assert asked() == {}
    with being_nobody(online, tmp_path):
        until_allowed(online, "delete configmaps")
        found = asked()
    assert set(found) == {"pods", "exec"}
    assert found["pods"].startswith(f"you may not delete pods in namespace {namespace}")
    assert found["exec"].startswith(f"you may not create pods/exec in namespace {namespace}")


def test_what_is_allowed_for_some_objects_is_not_refused_for_all(online: Notebook, tmp_path: Path) -> None:
    session, namespace = online.session, online.session.target.namespace
    online.ok("%kcreate role some --verb=delete --resource=pods --resource-name=web-0")
    online.ok("%kcreate role scaler --verb=patch --resource=deployments.apps/scale --resource-name=web")
    for role in ("some", "scaler"):
        online.ok(f"%kcreate rolebinding {role} --role={role} --serviceaccount={namespace}:nobody")
    asked = {"delete": "pods", "exec": "pods", "scale": "deployments.apps", "restart": "deployments.apps"}
    questions = {}
    for action, resource in asked.items():
        found = session.runtime.run(session.place.client.mapper.resource_for(resource))
        questions[action] = {**needs(action, found), "namespace": namespace}
    nodes = session.runtime.run(session.place.client.mapper.resource_for("nodes"))
    questions["of the cluster"] = needs("delete", nodes)
    with being_nobody(online, tmp_path):
        until_allowed(online, "delete pods/web-0")
        until_allowed(online, "patch deployments.apps/web --subresource=scale")
        refused = session.runtime.run(refusals(session.place.client, questions))
    assert set(refused) == {"exec", "restart", "of the cluster"}
    assert refused["of the cluster"].startswith("you may not delete nodes")


def test_what_the_server_does_not_answer_is_not_known(online: Notebook) -> None:
    client = online.session.place.client
    question = {
        "verb": "delete",
        "resource": "pods",
        "namespace": "x",
        "fieldSelector": "not one",
    }  # no object: refused
    with pytest.raises(KubeError):
        online.session.runtime.run(
            review(client, "selfsubjectaccessreviews.authorization.k8s.io", {"resourceAttributes": question})
        )
    assert online.session.runtime.run(refusals(client, {"delete": question})) == {}
