from __future__ import annotations

from kmagic.sandbox.host import load_generator
from kmagic.sandbox.registry.loopback import Loopback


def test_pods_of_the_load_are_complete_and_do_not_disturb_controllers(still: Loopback) -> None:
    load_generator.add_pods(still, 300)
    pods = [stored.decode() for stored in still.store.list("pods", load_generator.NAMESPACE)]
    assert len({pod["metadata"]["uid"] for pod in pods}) == 300
    assert len({pod["status"]["podIP"] for pod in pods}) == 300
    assert {pod["spec"]["nodeName"] for pod in pods} == {"node-1", "node-2", "node-3"}
    assert pods[0]["spec"]["tolerations"], "admitted as any other Pod"


def test_changes_go_round_all_pods(still: Loopback) -> None:
    load_generator.add_pods(still, 10)
    before = still.store.revision
    for turn in range(10):
        load_generator.change_one(still, turn)
    assert still.store.revision == before + 10
    assert all(stored.revision > before for stored in still.store.list("pods", load_generator.NAMESPACE))


def test_a_deleted_pod_is_passed_over(still: Loopback) -> None:
    load_generator.add_pods(still, 1)
    still.store.delete("pods", load_generator.NAMESPACE, "load-00000")
    before = still.store.revision
    load_generator.change_one(still, 0)
    assert still.store.revision == before
