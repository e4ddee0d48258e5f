"""Manifests: what is refused before anything is sent, and where the message points."""

from __future__ import annotations

from pathlib import Path

import pytest

from kmagic.errors import UsageError
from kmagic.magics.language.grammar import parse
from kmagic.magics.language.manifest import Manifest, Source, line_of_field, manifests_of, read
from kmagic.magics.language.registry import VERBS

GOOD = """apiVersion: v1
kind: ConfigMap
metadata:
  name: a
data:
  k: v
"""


def from_cell(body: str | None, line: str = "") -> list[Manifest]:
    return manifests_of(parse(VERBS["apply"], line, body, lambda name: {}[name]))


def refused(body: str | None, line: str = "") -> UsageError:
    with pytest.raises(UsageError) as caught:
        from_cell(body, line)
    assert "\n" not in caught.value.message
    return caught.value


def test_every_document_and_every_item_of_a_list_is_a_manifest() -> None:
    listed = "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Pod\n  metadata: {name: p}\n"
    found = from_cell(f"# hello\n{GOOD}---\n# nothing\n---\n{listed}")
    assert [(each.gvk.kind, each.name, each.number) for each in found] == [("ConfigMap", "a", 1), ("Pod", "p", 2)]


@pytest.mark.parametrize(
    ("body", "says"),
    [
        pytest.param("a: [1", "not valid YAML at line 2, column", id="broken flow"),
        pytest.param("kind: Pod\n  name: x\n", "not valid YAML at line 3, column 7", id="bad indentation"),
        pytest.param("kind: Pod\nmetadata:\n\tname: x\n", "a tab indents this line", id="tab"),
        pytest.param("- a\n- b\n", "the manifest (line 2) is no object", id="a list"),
        pytest.param("just text\n", "is no object", id="a scalar"),
        pytest.param("metadata: {name: x}\nkind: Pod\n", "the manifest (line 2) has no apiVersion", id="no apiVersion"),
        pytest.param(
            f"{GOOD}---\napiVersion: v1\nmetadata: {{name: b}}\n", "document 2 of 2 (line 9) has no kind", id="no kind"
        ),
        pytest.param("apiVersion: v1\nkind: Pod\n", "kind Pod, has no metadata.name", id="no metadata"),
        pytest.param("apiVersion: v1\nkind: Pod\nmetadata: {name: 12}\n", "put it in quotes", id="a number as name"),
        pytest.param(f"{GOOD}---\n{GOOD}", "ConfigMap a is written twice: at line 2 and at line 9", id="twice"),
        pytest.param("", "the cell holds no manifest", id="empty"),
        pytest.param("# only a comment\n---\n", "the cell holds no manifest", id="only comments"),
    ],
)
def test_what_cannot_be_sent_is_one_sentence_with_its_line(body: str, says: str) -> None:
    assert says in refused(body).message


def test_a_yaml_error_quotes_the_line_with_a_caret() -> None:
    quoted, caret = refused("kind: Pod\n  name: x\n").hint.splitlines()
    assert quoted == "  name: x"
    assert caret.index("^") == 6


def test_a_missing_key_names_the_one_that_looks_like_it() -> None:
    assert "there is 'apiversion'" in refused("apiversion: v1\nkind: Pod\n").hint


def test_a_generated_name_is_explained() -> None:
    assert "generateName" in refused("apiVersion: v1\nkind: Pod\nmetadata: {generateName: x-}\n").hint


def test_files_and_folders_are_read_in_order(tmp_path: Path) -> None:
    (tmp_path / "b.yaml").write_text(GOOD.replace("name: a", "name: b"))
    (tmp_path / "a.yml").write_text(GOOD)
    (tmp_path / "notes.txt").write_text("not: read")
    assert [each.name for each in from_cell(None, f"-f {tmp_path}")] == ["a", "b"]


@pytest.mark.parametrize(
    ("line", "says"),
    [
        pytest.param("-f /nowhere/x.yaml", "cannot be read: No such file", id="missing file"),
        pytest.param("-f https://x.example/y.yaml", "not from the network", id="a URL"),
        pytest.param("", "say which file", id="neither file nor cell"),
    ],
)
def test_files_that_cannot_be_read_are_refused(line: str, says: str) -> None:
    assert says in refused(None, line).message


def test_an_error_in_a_file_names_the_file(tmp_path: Path) -> None:
    path = tmp_path / "web.yaml"
    path.write_text("kind: [")
    assert f"{path}, line 1" in refused(None, f"-f {path}").message


DEPLOYMENT = """apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replcas: 2
  template:
    spec:
      containers:
      - name: a
        image: x
      - name: b
        imag: y
      initContainers:
        - name: c
          imag: z
"""


@pytest.mark.parametrize(
    ("path", "line"),
    [
        pytest.param("spec.replcas", 6, id="a key"),
        pytest.param("spec.template.spec.containers[1].imag", 13, id="in the second item"),
        pytest.param("spec.template.spec.containers[0].name", 10, id="beside the dash"),
        pytest.param("spec.template.spec.initContainers[0].imag", 16, id="in an indented list"),
        pytest.param("spec.nothing", 0, id="not there"),
    ],
)
def test_a_field_is_found_in_the_text(path: str, line: int) -> None:
    (manifest,) = read(Source(DEPLOYMENT))
    assert line_of_field(manifest, path) == line


CASES = [
    pytest.param("x: |\n  line\n---\n", "line\n", id="before another document"),
    pytest.param("x: |\n  line", "line\n", id="at the cell's end"),
    pytest.param("x: |+\n  line\n\n---\n", "line\n\n", id="with the blank line kept"),
    pytest.param("x: >\n  a\n  b\n---", "a b\n", id="folded"),
]


@pytest.mark.parametrize(("body", "value"), CASES)
def test_a_block_at_the_end_of_a_document_keeps_its_newline(body: str, value: str) -> None:
    (found,) = from_cell(f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: a}}\n{body}")
    assert found.obj["x"] == value


def test_json_objects_one_after_another_are_manifests() -> None:
    one = '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"%s"}}\n'
    assert [(each.name, each.line) for each in from_cell(one % "a" + one % "b")] == [("a", 1), ("b", 2)]


def test_items_of_a_typed_list_are_what_the_list_says() -> None:
    bare = "{metadata: {name: a}}, {apiVersion: v1, kind: Service, metadata: {name: b}}"
    found = from_cell(f"apiVersion: v1\nkind: ConfigMapList\nitems: [{bare}]\n")
    assert [(each.gvk.kind, each.name) for each in found] == [("ConfigMap", "a"), ("Service", "b")]
    assert "has no apiVersion" in refused("apiVersion: v1\nkind: List\nitems: [{metadata: {name: a}}]\n").message
    assert "is no object" in refused("apiVersion: v1\nkind: List\nitems: [1]\n").message


def test_a_file_may_be_utf_16_and_must_be_text(tmp_path: Path) -> None:
    path = tmp_path / "windows.yaml"
    path.write_bytes(GOOD.replace("\n", "\r\n").encode("utf-16"))
    assert [each.name for each in from_cell(None, f"-f {path}")] == ["a"]
    path.write_bytes(b"kind: \xff")
    assert "not UTF-8 text" in refused(None, f"-f {path}").message


def test_a_namespace_must_be_text() -> None:
    body = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: 0123}\n"
    assert "metadata.namespace is 83, not text" in refused(body).message


def test_what_is_probably_a_mistake_is_one_line_on_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    from_cell("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n  on: x\n")
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith('Warning: line 6: the key on is "true"')
    from_cell(GOOD)
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("kind", ["Secret", "Secrte", "ConfigMap"])
def test_a_value_below_data_is_never_quoted(kind: str) -> None:
    body = f"apiVersion: v1\nkind: {kind}\nmetadata: {{name: a}}\nstringData:\n  password: hunter2: x\n"
    assert "hunter2" not in str(refused(body))
