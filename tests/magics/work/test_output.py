"""What -o makes of objects, without a server."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from kmagic.api.jsonpath import html_safe
from kmagic.api.table import Column, TableRow
from kmagic.api.terminal import escape_json
from kmagic.errors import UsageError
from kmagic.magics.language.grammar import parse
from kmagic.magics.language.registry import VERBS
from kmagic.magics.results.values import KGroup, KList, KObject
from kmagic.magics.work.fetched import Fetched
from kmagic.magics.work.output import check_output, json_text, show
from kmagic.rest.resource import APIResource
from kmagic.safety.policy import Level
from kmagic.safety.target import Target
from kmagic.views.yaml import to_yaml

PODS = APIResource("", "v1", "pods", "Pod", True, "pod")
SECRETS = APIResource("", "v1", "secrets", "Secret", True, "secret")
DEPLOYMENTS = APIResource("apps", "v1", "deployments", "Deployment", True, "deployment")
TARGET = Target("dev", "dev", "https://x", "shop", "me", Level.FREE)


def pod(name: str, **fields: Any) -> dict[str, Any]:
    metadata = {"name": name, "namespace": "shop", "managedFields": [{"manager": "m"}]}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, **fields}


def fetched(*objects: dict[str, Any], resource: APIResource = PODS, single: bool = False) -> Fetched:
    rows = [TableRow((obj["metadata"]["name"],), obj) for obj in objects]
    return Fetched(resource, (Column("Name", format="name"),), rows, single=single)


def shown(line: str, *found: Fetched) -> Any:
    command = parse(VERBS["get"], line, None, lambda name: {}[name])
    check_output(command)
    return show(command, found or [fetched(pod("a"))], TARGET)


def test_the_shape_of_the_answer_follows_the_question() -> None:
    assert isinstance(shown("pods"), KList)
    assert isinstance(shown("pod a", fetched(pod("a"), single=True)), KObject)
    assert isinstance(shown("pods,deploy", fetched(pod("a")), fetched(resource=DEPLOYMENTS)), KGroup)


def test_names_carry_type_and_group() -> None:
    found = shown("x -o name", fetched(pod("a")), fetched(pod("w"), resource=DEPLOYMENTS))
    assert list(found) == ["pod/a", "deployment.apps/w"]
    assert repr(found) == "pod/a\ndeployment.apps/w"


def test_yaml_and_json_drop_managed_fields_unless_asked() -> None:
    assert "managedFields" not in shown("pod a -o yaml", fetched(pod("a"), single=True))
    assert "managedFields" in shown("pod a -o yaml --show-managed-fields", fetched(pod("a"), single=True))
    assert json.loads(shown("pods -o json"))["kind"] == "List"
    assert shown("pods -o json").splitlines()[1].startswith('    "apiVersion"')


@pytest.mark.parametrize("output", ["yaml", "json", "jsonpath={.items[*].data}", "custom-columns=D:.data.k"])
def test_R8_no_output_shows_what_a_secret_holds(output: str) -> None:
    secret = {**pod("s", data={"k": "aHVudGVyMg=="}), "kind": "Secret"}
    assert "aHVudGVyMg" not in repr(shown(f"secrets -o {output}", fetched(secret, resource=SECRETS)))


@pytest.mark.parametrize(
    ("values", "ordered"),
    [
        pytest.param(["10", "9", "x2", "x10"], ["9", "10", "x2", "x10"], id="text by its numbers"),
        pytest.param(["1Gi", "500Mi", "2Gi"], ["500Mi", "1Gi", "2Gi"], id="quantities"),
        pytest.param([10, 9, 1.5], [1.5, 9, 10], id="numbers"),
        pytest.param(["2026-02-01T00:00:00Z", "2025-12-01T00:00:00Z"], ["2025-12-01T00:00:00Z", "2026-02-01T00:00:00Z"], id="times"),
    ],
)  # fmt: skip
def test_sort_by_compares_as_kubectl_does(values: list[Any], ordered: list[Any]) -> None:
    found = shown("pods --sort-by .v", fetched(*(pod(f"p{at}", v=value) for at, value in enumerate(values))))
    assert [each["v"] for each in found] == ordered


def test_objects_without_the_field_come_first() -> None:
    found = shown("pods --sort-by=.v", fetched(pod("a", v=1), pod("b")))
    assert found.names == ["b", "a"]


def test_custom_columns_are_rows_of_text() -> None:
    found = shown(
        "pods -o custom-columns=NAME:metadata.name,ALL:.c[*].n,NONE:.x", fetched(pod("a", c=[{"n": "x"}, {"n": "y"}]))
    )
    assert list(found) == [{"NAME": "a", "ALL": "x,y", "NONE": "<none>"}]
    assert repr(found).split() == ["NAME", "ALL", "NONE", "a", "x,y", "<none>"]


def test_a_template_with_text_is_text() -> None:
    text = shown("pods -o 'jsonpath={range .items[*]}{.metadata.name}!{end}'")
    assert text == "a!"
    assert shown("pods -o jsonpath-as-json={.items[*].metadata.name}") == ["a"]


@pytest.mark.parametrize("output", ["yml", "jsonpath", "custom-columns=", "wide=1", "go-templates={{.x}}"])
def test_an_unknown_output_is_refused(output: str) -> None:
    with pytest.raises(UsageError, match="-o "):
        shown(f"pods -o {output}")


@pytest.mark.parametrize(
    "value", [1e21, 1e-7, 1.5, 10**30, -0.0, "\x7f\u2028<&>é\n", {}, [], None, {"b": [1, {}], "B": True}]
)
def test_json_is_the_same_however_it_is_written(value: Any) -> None:
    obj = {"kind": "Foo", "metadata": {"name": "a"}, "spec": value, "text": "1e5,2E7"}
    expected = escape_json(html_safe(json.dumps(obj, indent=4, sort_keys=True, ensure_ascii=False)))
    assert json_text(obj) == expected
    assert json.loads(json_text(obj)) == obj


@pytest.mark.parametrize("count", [0, 1, 2, 250])
def test_a_list_as_text_is_its_objects(count: int) -> None:
    objects = [{"kind": "Pod", "metadata": {"name": f"web-{at}"}, "text": "a\nb"} for at in range(count)]
    whole = {"apiVersion": "v1", "items": objects, "kind": "List", "metadata": {"resourceVersion": ""}}
    assert shown("pods -o json", fetched(*objects)) == json_text(whole)
    assert shown("pods -o yaml", fetched(*objects)) == to_yaml(whole).rstrip("\n")


def test_name_and_age_stand_for_the_servers_columns() -> None:
    made = {**pod("a"), "metadata": {"name": "a", "creationTimestamp": "2020-01-01T00:00:00Z"}}
    text = repr(shown("pods --server-print=false", fetched(made)))
    assert [line.split()[0] for line in text.splitlines()[:2]] == ["NAME", "a"]
    assert text.splitlines()[0].split() == ["NAME", "AGE"]
    assert re.fullmatch(r"\d+y(\d+d)?", text.splitlines()[1].split()[1])
