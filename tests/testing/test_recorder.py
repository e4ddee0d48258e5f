"""The recorder that only remembers."""

from __future__ import annotations

from kmagic.testing.recorder import FakeRecorder

POD = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web-0"}}


def test_EV_09_events_are_lines_of_type_reason_and_message() -> None:
    recorder = FakeRecorder()
    recorder.event(POD, "Normal", "Synced", "Foo synced successfully")
    recorder.event(None, "Warning", "Failed", "it broke", annotations={"a": "b"}, action="Sync")
    assert recorder.events == ["Normal Synced Foo synced successfully", "Warning Failed it broke {'a': 'b'}"]


def test_EV_09_the_object_is_named_on_request() -> None:
    recorder = FakeRecorder(include_object=True)
    recorder.event(POD, "Normal", "Synced", "ok")
    assert recorder.events == ["Normal Synced ok involvedObject{kind=Pod,apiVersion=v1}"]
