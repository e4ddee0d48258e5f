"""%kdelete on running servers."""

from __future__ import annotations

from pathlib import Path

import pytest

from kmagic.errors import NotFoundError, UsageError, WaitError
from kmagic.magics.results.cards import KDelete
from tests.magics.conftest import Notebook

CONFIG_MAPS = "\n---\n".join(
    f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}, labels: {{app: {app}}}}}"
    for name, app in (("a", "web"), ("b", "web"), ("c", "db"))
)


@pytest.fixture
def filled(online: Notebook) -> Notebook:
    online.ok(f"%%kapply\n{CONFIG_MAPS}")
    return online


def names(notebook: Notebook) -> list[str]:
    return list(notebook.ok("%kget cm -l app").value.names)


@pytest.mark.parametrize(
    ("line", "left"),
    [
        pytest.param("%kdelete cm a", ["b", "c"], id="by name"),
        pytest.param("%kdelete cm/a cm/c", ["b"], id="by type/name"),
        pytest.param("%kdelete cm -l app=web", ["c"], id="by selector"),
        pytest.param("%kubectl delete cm a b", ["c"], id="as kubectl"),
        pytest.param("%kdelete cm nope --ignore-not-found", ["a", "b", "c"], id="missing, ignored"),
        pytest.param("%kdelete cm a --dry-run=server", ["a", "b", "c"], id="server dry run"),
        pytest.param("%kdelete cm a --dry-run=client", ["a", "b", "c"], id="client dry run"),
        pytest.param("%%kdelete\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: b}", ["a", "c"], id="by manifest"),
    ],
)
def test_what_was_named_is_gone(filled: Notebook, line: str, left: list[str]) -> None:
    filled.ok(line)
    assert names(filled) == left


def test_the_result_says_what_is_gone(filled: Notebook) -> None:
    ran = filled.ok("gone = %kdelete cm -l app=web")
    assert ran.text.count("deleted") == 2
    result = filled.shell.user_ns["gone"]
    assert isinstance(result, KDelete)
    assert result.gone == ['configmap "a"', 'configmap "b"']
    assert result.remaining == []
    assert 'configmap "a" deleted' in filled.ok("gone").text


@pytest.mark.parametrize(
    ("line", "kind", "says"),
    [
        pytest.param("%kdelete cm", UsageError, "say which", id="only a type is never all of it"),
        pytest.param(
            "%kdelete cm a --all",
            UsageError,
            "name cannot be provided when a selector is specified: --all",
            id="name and all",
        ),
        pytest.param("%kdelete cm aa", NotFoundError, "not found", id="missing"),
        pytest.param("%kdelete", UsageError, "which type", id="nothing"),
        pytest.param("%kdelete cm a --cascade=all", UsageError, "one of background", id="unknown cascade"),
    ],
)
def test_a_mistake_deletes_nothing(filled: Notebook, line: str, kind: type[Exception], says: str) -> None:
    ran = filled.run(line)
    assert isinstance(ran.error, kind)
    assert says in ran.text
    assert names(filled) == ["a", "b", "c"]


def test_a_finalizer_that_keeps_the_object_is_named(filled: Notebook) -> None:
    body = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: kept, finalizers: [example.com/keep]}"
    filled.ok(f"%%kapply\n{body}")
    ran = filled.run("%kdelete cm kept --timeout 1s")
    assert isinstance(ran.error, WaitError)
    assert "kept by the finalizers example.com/keep" in ran.text
    free = filled.session.place.client.resource("cm", filled.session.target.namespace)
    filled.session.runtime.run(free.patch("kept", {"metadata": {"finalizers": None}}))


def test_R3_deleting_from_a_protected_target_is_a_plan(filled: Notebook) -> None:
    filled.protect()
    assert "not applied" in filled.ok("%kdelete cm a").text
    assert names(filled) == ["a", "b", "c"]
    filled.ok("_kp.apply()")
    assert names(filled) == ["b", "c"]


def test_a_selector_chooses_among_the_manifests_of_a_file(online: Notebook, tmp_path: Path) -> None:
    file = tmp_path / "two.yaml"
    file.write_text(
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: kept, labels: {tier: back}}\n---\n"
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: meant, labels: {tier: front}}\n"
    )
    online.ok(f"%kapply -f {file}")
    assert "No resources found" in online.ok(f"%kdelete -f {file} -l tier=other").text
    assert online.ok(f"names = %kget -f {file} -l tier=front -o name\nlist(names)").value == ["configmap/meant"]
    ran = online.ok(f"%kdelete -f {file} -l tier=front")
    assert ran.value.gone == ['configmap "meant"']
    assert online.ok("names = %kget cm kept -o name\nlist(names)").value == ["configmap/kept"]
    assert "the selector cannot be read" in online.fails(f"%kdelete -f {file} -l 'tier in (a'")


def test_the_names_of_what_was_deleted(online: Notebook) -> None:
    for name in ("a", "b"):
        online.ok(f"%%kapply\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}}}")
    ran = online.ok("names = %kdelete cm a b -o name")
    assert online.shell.user_ns["names"] == ["configmap/a", "configmap/b"]
    assert "deleted" not in ran.text
    assert len(online.ok("%kget cm a b --ignore-not-found").value) == 0
