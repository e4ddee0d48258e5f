"""Go templates: kubectl itself says what a template gives, and the built one is asked where there is one."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from kmagic.api.go_template import GoTemplate, GoTemplateError


def lines(name: str) -> list[str]:
    """The templates of a file."""
    text = (Path(__file__).parent / "templates" / name).read_text()
    return [line for line in text.splitlines() if line and not line.startswith("#")]


OBJECT: dict[str, Any] = {
    "apiVersion": "example.com/v1",
    "kind": "Thing",
    "metadata": {"name": "default", "labels": {"kubernetes.io/metadata.name": "default"}},
    "spec": {
        "finalizers": ["kubernetes"],
        "replicas": 3,
        "ratio": 0.5,
        "none": None,
        "many": [{"name": "a", "ports": [80, 443]}, {"name": "b"}],
        "deep": {"x": [{"y": [1, 2.5, True, None, "z"]}]},
    },
}


def kubectls(kubectl: str, folder: Path, template: str) -> tuple[str, bool]:
    """What kubectl writes, and whether it fails; it reads the object from a file and asks nobody."""
    file = folder / "thing.json"
    file.write_text(json.dumps(OBJECT))
    words = ["label", "--local", "-f", str(file), "kind=thing", "-o", f"go-template={template}"]
    done = subprocess.run([kubectl, *words], capture_output=True, text=True, timeout=60, check=False)
    # What was written before the error is on the screen; the rest of it is for who debugs.
    return done.stdout.partition("Error executing template")[0], done.returncode != 0


def ours(template: str) -> str:
    labels = {**OBJECT["metadata"]["labels"], "kind": "thing"}
    return GoTemplate(template).render({**OBJECT, "metadata": {**OBJECT["metadata"], "labels": labels}})


def test_a_template_gives_what_kubectl_gives(kubectl_path: str, tmp_path: Path) -> None:
    templates = lines("gives.txt")
    text, failed = kubectls(kubectl_path, tmp_path, "\n=====\n".join(templates))
    assert not failed
    given = dict(zip(templates, text.split("====="), strict=True))
    # A dash at a template's end takes the blanks outside, too.
    differ = {each: (wanted, ours(each)) for each, wanted in given.items() if ours(each).strip() != wanted.strip()}
    assert differ == {}


def test_a_template_fails_where_kubectls_does(kubectl_path: str, tmp_path: Path) -> None:
    for template in lines("fails.txt"):
        assert kubectls(kubectl_path, tmp_path, template)[1], template
        with pytest.raises(GoTemplateError):
            ours(template)


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("{{.metadata.name}}", "default"),
        ("{{.spec.replicas}} {{.spec.ratio}} {{.spec.none}} {{.nope.more}}", "3 0.5 <no value> <no value>"),
        ("{{range $i, $m := .spec.many}}{{if $i}},{{end}}{{$m.name}}{{end}}", "a,b"),
        ("{{range .spec.many}}{{range .ports}}{{.}} {{else}}none {{end}}{{end}}", "80 443 none "),
        ("{{.spec.deep}}", "map[x:[map[y:[1 2.5 true <nil> z]]]]"),
        ("{{with .spec}}{{$.kind}} {{.replicas}}{{end}}", "Thing 3"),
        ('{{if and .kind (gt .spec.replicas 2)}}big{{else if eq .kind "x"}}x{{else}}small{{end}}', "big"),
        ('{{define "n"}}<{{.name}}>{{end}}{{range .spec.many}}{{template "n" .}}{{end}}', "<a><b>"),
        ('{{index .metadata.labels "kubernetes.io/metadata.name" | printf "%q"}}', '"default"'),
        ("a {{- /* nothing */ -}}  b", "ab"),
        ('{{"}}"}}', "}}"),
    ],
)
def test_a_template_is_rendered(template: str, text: str) -> None:
    assert GoTemplate(template).render(OBJECT) == text


@pytest.mark.parametrize(
    ("template", "says"),
    [
        ("{{.metadata.name", "output:1: unclosed action"),
        ("\n{{nope}}", 'output:2: function "nope" not defined'),
        ("{{range .x}}", "unexpected EOF"),
        ("{{end}}", "unexpected {{end}}"),
        ("{{$x}}", 'undefined variable "$x"'),
        ('{{"a}}', "unterminated quoted string"),
        ("{{break}}", "{{break}} outside {{range}}"),
        ("{{if}}", "missing value for if"),
        ('{{"\\q"}}', "invalid syntax"),
        ('{{"\\ud800"}}', "invalid syntax"),
        ('{{$x := 1}}{{block "a" .}}{{$x}}{{end}}', 'undefined variable "$x"'),
        ('{{range .l}}{{block "x" .}}{{break}}{{end}}{{end}}', "{{break}} outside {{range}}"),
        ("{{08}}", 'integer overflow: "08"'),
        ("{{0x_}}", 'illegal number syntax: "0x_"'),
        ("{{" + "9" * 5000 + "}}", "integer overflow"),
        ("{{" + "(" * 2000 + "1" + ")" * 2000 + "}}", "max expression depth exceeded"),
        ("{{if 1}}" * 2000 + "{{end}}" * 2000, "nested too deeply"),
    ],
)
def test_what_cannot_be_read_is_said_with_its_line(template: str, says: str) -> None:
    with pytest.raises(GoTemplateError) as caught:
        GoTemplate(template)
    assert says in str(caught.value)


@pytest.mark.parametrize(
    ("template", "says"),
    [
        ("{{.kind.x}}", "at <.kind.x>: can't evaluate field x in type interface {}"),
        ("{{.spec.none.x}}", "nil pointer evaluating interface {}.x"),
        ("{{len .spec.replicas}}", "error calling len: len of type int64"),
        ('{{template "x"}}', 'template "x" not defined'),
        ('{{define "x"}}{{template "x"}}{{end}}{{template "x"}}', "exceeded maximum template depth"),
        (
            '{{define "x"}}' + "{{if 1}}" * 40 + '{{template "x"}}' + "{{end}}" * 41 + '{{template "x"}}',
            "maximum template depth",
        ),
        ("{{if .nope}}{{$y := 2}}{{else}}{{$y}}{{end}}", "at <$y>: undefined variable: $y"),
        ("{{$y = 3}}", "at <3>: undefined variable: $y"),
        ("{{range .kind}}{{end}}", "range can't iterate over Thing"),
        ("{{eq 1}}", "missing argument for comparison"),
        ("{{not 1 2}}", "wrong number of args for not: want 1 got 2"),
    ],
)
def test_what_does_not_fit_the_object_is_said_with_its_place(template: str, says: str) -> None:
    with pytest.raises(GoTemplateError) as caught:
        GoTemplate(template).render(OBJECT)
    assert says in str(caught.value)


def test_a_missing_key_is_an_error_where_that_is_asked_for() -> None:
    strict = GoTemplate("{{.nope}}", allow_missing=False)
    with pytest.raises(GoTemplateError, match='no entry for key "nope"'):
        strict.render(OBJECT)


def test_a_template_is_used_again() -> None:
    template = GoTemplate("{{$n := .metadata.name}}{{$n}}")
    assert [template.render(OBJECT) for _ in range(2)] == ["default", "default"]


def test_what_no_object_of_a_server_holds_is_an_error_of_the_template() -> None:
    for template in ("{{len .half}}", "{{.both}}"):
        with pytest.raises(GoTemplateError, match="does not fit the object"):
            GoTemplate(template).render({"half": "\ud800", "both": {"a": 1, 2: "b"}})
