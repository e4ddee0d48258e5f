"""%kdescribe on running servers."""

from __future__ import annotations

import pytest

from kmagic.errors import NotFoundError, UsageError
from tests.magics.conftest import Notebook

MAPS = """%%kapply
apiVersion: v1
kind: ConfigMap
metadata: {name: web-a, labels: {app: web}}
data: {count: "10"}
---
apiVersion: v1
kind: Secret
metadata: {name: pass, labels: {app: web}}
stringData: {word: hunter2}
"""


@pytest.fixture
def filled(online: Notebook) -> Notebook:
    online.ok(MAPS)
    return online


def event_about(notebook: Notebook, name: str) -> None:
    found = notebook.ok(f"%kget cm {name}").value
    about = f"{{kind: ConfigMap, apiVersion: v1, name: {name}, namespace: {found.ns}, uid: {found.uid}}}"
    body = f"metadata: {{name: {name}.1}}\ninvolvedObject: {about}\nreason: Counted\nmessage: to ten\ntype: Warning"
    notebook.ok(f"%%kapply\napiVersion: v1\nkind: Event\n{body}")


def test_an_object_is_told_with_its_events(filled: Notebook) -> None:
    event_about(filled, "web-a")
    text = str(filled.ok("%kdescribe cm web-a").value)
    assert "Data\n====\ncount:\n----\n10\n" in text
    assert "app=web" in text
    assert "Counted" in text
    assert "to ten" in text
    assert "Counted" not in filled.ok("%kdescribe cm web-a --show-events=false").text


def test_the_beginning_of_a_name_is_enough(filled: Notebook) -> None:
    assert "web-a" in filled.ok("%kdescribe cm web").text
    assert isinstance(filled.run("%kdescribe cm nope").error, NotFoundError)
    assert isinstance(filled.run("%kdescribe").error, UsageError)


def test_a_secret_is_told_without_its_values(filled: Notebook) -> None:
    text = filled.ok("%kdescribe secret,cm -l app=web").text
    assert "hunter2" not in text
    assert "pass" in text
    assert "web-a" in text


def test_a_nodes_events_are_found_by_its_name_as_the_kubelet_writes_them(online: Notebook) -> None:
    node = online.ok("%kget nodes -o name").value[0].partition("/")[2]
    for name, uid in (
        ("by-name", node),
        ("by-uid", online.ok(f"%kget node {node} -o jsonpath={{.metadata.uid}}").value),
    ):
        online.ok(
            f"%%kapply\napiVersion: v1\nkind: Event\nmetadata: {{name: describe-{name}, namespace: default}}\n"
            f"reason: Told{name[3:].title()}\nmessage: it happened\ntype: Warning\nlastTimestamp: 2026-01-01T00:00:00Z\n"
            f"involvedObject: {{kind: Node, name: {node}, uid: {uid}}}"
        )
    text = online.ok(f"%kdescribe node {node}").text
    online.ok("%kdelete event describe-by-name describe-by-uid -n default")
    assert "ToldName" in text
    assert "ToldUid" in text
