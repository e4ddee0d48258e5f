"""What differs between two objects."""

from __future__ import annotations

import pytest

from kmagic.views.diff import Change, changes, changes_text

SALT = b"salt"


def pod(image: str = "nginx:1", **extra: object) -> dict[str, object]:
    return {
        "kind": "Pod",
        "metadata": {"name": "a", "resourceVersion": image},
        "spec": {"containers": [{"name": "web", "image": image}], **extra},
    }


@pytest.mark.parametrize(
    ("before", "after", "text"),
    [
        pytest.param(
            pod(), pod("nginx:2"), "~ spec.containers[web].image: nginx:1 → nginx:2", id="a field, not the noise"
        ),
        pytest.param(pod(), pod(x=1), "+ spec.x: 1", id="added"),
        pytest.param(pod(x={"a": [1]}), pod(), '- spec.x: {"a":[1]}', id="removed"),
        pytest.param(pod(), pod(), "no differences", id="nothing"),
        pytest.param(
            {"kind": "Scale", "spec": {"replicas": 2}},
            {"kind": "Scale", "spec": {}},
            "~ spec.replicas: 2 → 0",
            id="a scale leaves a zero out",
        ),
        pytest.param(
            {"l": [{"name": "a", "v": 1}, {"name": "b", "v": 1}]},
            {"l": [{"name": "b", "v": 2}, {"name": "a", "v": 1}]},
            "~ l[b].v: 1 → 2",
            id="items by name, wherever they stand",
        ),
        pytest.param(
            {"l": [{"name": "a"}, {"name": "b"}]},
            {"l": [{"name": "b"}, {"name": "a"}]},
            '~ l: [{"name":"a"},{"name":"b"}] → [{"name":"b"},{"name":"a"}]',
            id="only the order",
        ),
        pytest.param({"l": [1, 2]}, {"l": [1, 3, 4]}, "~ l[1]: 2 → 3\n+ l[2]: 4", id="items without a name"),
        pytest.param(
            {"l": [{"name": "a", "v": 1}, {"name": "a", "v": 2}]},
            {"l": [{"name": "a", "v": 1}, {"name": "a", "v": 3}]},
            "~ l[1].v: 2 → 3",
            id="names that repeat",
        ),
        pytest.param({"a": {"b/c": "1"}}, {"a": {"b/c": "2"}}, "~ a.[b/c]: 1 → 2", id="keys with a slash"),
        pytest.param(None, {"kind": "Pod"}, "+ kind: Pod", id="a new object"),
        pytest.param({"kind": "Pod"}, None, "- kind: Pod", id="a gone object"),
        pytest.param({"status": {"a": 1}}, {"status": {"a": 2}}, "no differences", id="not the status"),
    ],
)
def test_fields(before: dict[str, object] | None, after: dict[str, object] | None, text: str) -> None:
    assert changes_text(changes(before, after, salt=SALT)) == text


def test_the_status_on_request() -> None:
    found = changes({"status": {"a": 1}}, {"status": {"a": 2}}, salt=SALT, status=True)
    assert found == (Change("status.a", "~", 1, 2),)


def test_hidden_values_show_that_they_changed_and_nothing_else() -> None:
    before, after = ({"kind": "Secret", "data": {"p": v, "q": "c2FtZQ=="}} for v in ("b25l", "dHdv"))
    text = changes_text(changes(before, after, salt=SALT))
    assert "data.p: ‹masked 3 B" in text
    assert "data.q" not in text
    assert not any(word in text for word in ("b25l", "dHdv", "c2FtZQ=="))
