from pathlib import Path
from typing import Any

import pytest

import kmagic
from kmagic.client.manifests import Result, load
from kmagic.errors import ArgumentError

CM = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}}


def test_what_is_loaded_is_plain_and_in_order() -> None:
    text = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: b}\n---\n# nothing\n---\n"
    assert [each["metadata"]["name"] for each in kmagic.load([CM, text, [CM]])] == ["a", "b", "a"]


@pytest.mark.parametrize(
    ("manifests", "says"),
    [
        pytest.param("", "no manifest", id="nothing"),
        pytest.param("web.yaml", "line 1: a manifest is a mapping, not str", id="a path as text"),
        pytest.param("a: [", "not valid YAML", id="no YAML"),
        pytest.param("kind: ConfigMap\nmetadata: {name: a}", "line 1: the manifest has no apiVersion", id="version"),
        pytest.param({"kind": "Pod"}, "the dict: the manifest has no apiVersion and no metadata.name", id="dict"),
        pytest.param({**CM, "metadata": {"name": 5}}, "no metadata.name", id="type of the name"),
        pytest.param(b"kind: Pod", "a bytes is no manifest", id="bytes"),
        pytest.param(5, "a int is no manifest", id="number"),
        pytest.param(Path("/nonexistent.yaml"), "cannot be read: No such file", id="file"),
    ],
)
def test_what_is_no_manifest_is_said_with_its_place(manifests: Any, says: str) -> None:
    with pytest.raises(ArgumentError, match=says):
        load(manifests)


def test_a_folder_without_manifests_and_a_file_with_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(ArgumentError, match="holds no"):
        load(tmp_path)
    (tmp_path / "a.yaml").write_text("kind: Pod\n")
    with pytest.raises(ArgumentError, match=r"a\.yaml, line 1: the manifest has no apiVersion"):
        load(tmp_path)


def test_a_result_shows_no_value_of_a_secret() -> None:
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "a"}, "stringData": {"password": "hunter2"}}
    assert repr(Result("created", secret, secret)) == "<Secret a created>"
