"""The objects that one object has to do with; what cannot be read is said, not left out."""

from __future__ import annotations

from kmagic.magics.work.about import Relative, _used, relatives
from tests.magics.conftest import Notebook
from tests.magics.workload import deploy


def test_what_a_pod_uses_is_read_from_its_spec() -> None:
    spec = {
        "nodeName": "n1",
        "serviceAccountName": "robot",
        "volumes": [
            {"name": "a", "configMap": {"name": "settings"}},
            {"name": "b", "secret": {"secretName": "keys"}},
            {"name": "c", "persistentVolumeClaim": {"claimName": "disk"}},
            {"name": "d", "projected": {"sources": [{"configMap": {"name": "root-ca"}}, {"secret": {"name": "more"}}]}},
        ],
        "containers": [
            {
                "env": [{"name": "A", "valueFrom": {"secretKeyRef": {"name": "password", "key": "k"}}}],
                "envFrom": [{"configMapRef": {"name": "environment"}}],
            }
        ],
    }
    found = [f"{each.relation} {each.what}" for each in _used({"kind": "Pod", "spec": spec})]
    assert found == [
        "runs on nodes/n1",
        "uses serviceaccounts/robot",
        "uses configmaps/environment",
        "uses configmaps/root-ca",
        "uses configmaps/settings",
        "uses persistentvolumeclaims/disk",
        "uses secrets/keys",
        "uses secrets/more",
        "uses secrets/password",
    ]


def test_owners_are_followed_to_the_first_and_one_that_is_gone_is_named(online: Notebook) -> None:
    name = deploy(online, "web", 1)[0]
    online.ok("%kexpose deploy web --port 80")
    client = online.session.place.client
    run = online.session.runtime.run
    pod = run(client.resource("pods", online.session.target.namespace).get(name))
    found = {(each.relation, each.what.partition("-")[0]) for each in run(relatives(client, pod))}
    assert ("controlled by", "ReplicaSet/web") in found
    assert ("controlled by, above", "Deployment/web") in found
    assert ("selected by", "services/web") in found
    owner = {"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "never-was", "uid": "u", "controller": True}
    orphan = {**pod, "metadata": {**pod["metadata"], "ownerReferences": [owner]}}
    assert Relative("controlled by", "ReplicaSet/never-was", "gone") in run(relatives(client, orphan))


def test_a_type_that_may_not_be_listed_is_named_with_the_reason(online: Notebook) -> None:
    client = online.session.place.client
    pod = {"kind": "Pod", "metadata": {"name": "p", "namespace": "no such namespace"}, "spec": {}}
    found = online.session.runtime.run(relatives(client, pod))
    assert found[0] == Relative("uses", "serviceaccounts/default")
    assert all(each.note.startswith("not listed: ") for each in found[1:])
