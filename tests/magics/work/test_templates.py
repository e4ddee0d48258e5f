"""Templates of -o: from the line, from --template, from a file; what is wrong in them."""

from __future__ import annotations

from pathlib import Path

import pytest

from kmagic.errors import ArgumentError, UsageError
from kmagic.magics.language.grammar import Command, parse
from kmagic.magics.language.registry import VERBS
from kmagic.magics.work.templates import go_template_of, rendered
from tests.magics.conftest import Notebook


def command(line: str) -> Command:
    return parse(VERBS["get"], line, None, lambda name: {}[name])


@pytest.mark.parametrize(
    ("line", "output"),
    [
        ("pods --template '{{.kind}}'", "go-template={{.kind}}"),
        ("pods -o template --template '{{.kind}}'", "template={{.kind}}"),
        ("pods -o jsonpath --template {.kind}", "jsonpath={.kind}"),
        ("pods -o custom-columns --template A:.kind", "custom-columns=A:.kind"),
    ],
)
def test_a_template_stands_in_the_output_wherever_it_was_given(line: str, output: str) -> None:
    assert command(line).text("output") == output


def test_one_template_is_given() -> None:
    with pytest.raises(UsageError, match="one template"):
        command("pods -o go-template={{.a}} --template '{{.b}}'")


@pytest.mark.parametrize(
    ("kind", "template", "says"),
    [
        ("go-template", "", "no template given"),
        ("go-template", "{{nope}}", 'function "nope" not defined'),
        ("go-template-file", "/nope/nope", "error reading template /nope/nope"),
    ],
)
def test_what_is_no_template_is_refused_before_any_request(kind: str, template: str, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        go_template_of(command("pods"), kind, template)


def test_a_template_of_a_file(tmp_path: Path) -> None:
    file = tmp_path / "t"
    file.write_text("{{.kind}}\n")
    assert rendered(go_template_of(command("pods"), "go-template-file", str(file)), {"kind": "Pod"}) == "Pod\n"


def test_values_of_secrets_stay_masked(online: Notebook) -> None:
    online.ok("%kcreate secret generic s --from-literal=password=t0p-s3cret")
    assert "t0p" not in online.ok("%kget secret s -o 'go-template={{.data}}'").text
    ran = online.run("%kget secret s -o 'go-template={{.data.password | base64decode}}'")
    assert isinstance(ran.error, ArgumentError)
    assert "masked" in ran.error.hint
    assert "dDBwLXMzY3JldA" not in ran.text
