"""What a session remembers for completion."""

from __future__ import annotations

from kmagic.magics.session.seen_names import Memory
from kmagic.rest.resource import APIResource

PODS = APIResource("", "v1", "pods", "Pod", True, "pod", ("po",))
NODES = APIResource("", "v1", "nodes", "Node", False, "node", ("no",))
WIDGETS = APIResource("example.com", "v1", "widgets", "Widget", True, "widget", ("wd",))


def test_names_are_found_by_every_name_of_their_type() -> None:
    memory = Memory()
    memory.namespace = "shop"
    memory.saw_objects(WIDGETS, [("shop", "w-1"), ("test", "w-2")])
    assert [list(memory.names(word, "")) for word in ("widgets", "wd", "widget", "WD")] == [["w-1"]] * 4
    assert list(memory.names("wd", "test")) == ["w-2"]
    assert {"shop", "test"} <= set(memory.namespaces())


def test_cluster_scoped_names_need_no_namespace() -> None:
    memory = Memory()
    memory.saw_objects(NODES, [("", "node-0")])
    assert list(memory.names("no", "")) == ["node-0"]


def test_a_deleted_object_is_forgotten() -> None:
    memory = Memory()
    memory.saw_objects(PODS, [("default", "web-0")])
    memory.forgot_object(PODS, "default", "web-0")
    memory.forgot_object(PODS, "elsewhere", "web-0")
    assert list(memory.names("po", "")) == []


def test_memory_is_bounded() -> None:
    memory = Memory()
    memory.saw_objects(PODS, [("default", f"p-{at}") for at in range(2000)])
    assert len(list(memory.names("pods", "default"))) == 500
    for at in range(300):
        memory.saw_objects(PODS, [(f"ns-{at}", "p")])
    assert list(memory.names("pods", "ns-0")) == []
    assert list(memory.names("pods", "ns-299")) == ["p"]


def test_types_contexts_and_namespaces() -> None:
    memory = Memory()
    memory.saw_types(["pods", "widgets"])
    memory.saw_contexts(["dev", "prod"], ["shop", ""])
    assert next(iter(memory.types())) == "pods"
    assert list(memory.types()).count("pods") == 1
    assert "widgets" in memory.types()
    assert list(memory.contexts()) == ["dev", "prod"]
    assert "" not in memory.namespaces()


def test_fields_are_found_level_by_level_by_every_name_of_their_type() -> None:
    memory = Memory()
    memory.saw_fields(WIDGETS, ["kind", "spec", "status", "spec.size", "spec.shape", "spec.shape.sides"])
    assert list(memory.paths("wd.s")) == ["wd.spec", "wd.status"]
    assert list(memory.paths("Widget.spec.s")) == ["Widget.spec.size", "Widget.spec.shape"]
    assert list(memory.paths("widgets.spec.shape.")) == ["widgets.spec.shape.sides"]
    assert list(memory.paths("pods.spec.")) == []
    for at in range(40):
        memory.saw_fields(APIResource("example.com", "v1", f"kind-{at}", "Kind", True), ["spec"])
    assert list(memory.paths("widgets.")) == []
