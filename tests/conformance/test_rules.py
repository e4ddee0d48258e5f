"""The validation rules of custom resources (CEL), in the words of the real server."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from typing import Any

import pytest

from kmagic import errors
from kmagic.client.client import AsyncClient
from kmagic.client.resource import AsyncResource
from tests.conformance.conftest import established
from tests.conformance.objects import crd
from tests.conformance.test_claiming import until

Things = AsyncResource[dict[str, Any]]

TEXT: dict[str, Any] = {"type": "string"}
NUMBER: dict[str, Any] = {"type": "integer"}


def rules(schema: dict[str, Any], *found: dict[str, Any]) -> dict[str, Any]:
    return {**schema, "x-kubernetes-validations": list(found)}


def several(item: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "array", "maxItems": 8, "items": item, **more}


PORT = {"type": "object", "required": ["name"], "properties": {"name": {**TEXT, "maxLength": 20}, "port": NUMBER}}
SPEC: dict[str, Any] = {
    "min": NUMBER,
    "max": NUMBER,
    "half": {"type": "number"},
    "color": rules({**TEXT, "maxLength": 20}, {"rule": "self == oldSelf", "message": "color is immutable"}),
    "size": rules(NUMBER, {"rule": "self % 2 == 0"}),
    "mode": rules(
        {**TEXT, "maxLength": 20},
        {"rule": "self in ['a', 'b']", "reason": "FieldValueForbidden", "message": "mode must be a or b"},
    ),
    "once": rules(
        NUMBER,
        {
            "rule": "oldSelf.hasValue() || self == 1",
            "optionalOldSelf": True,
            "message": "must begin with 1",
        },
    ),
    "names": several({**TEXT, "maxLength": 20}),
    "ports": rules(
        several(
            rules(PORT, {"rule": "!has(self.port) || self.port >= oldSelf.port", "message": "ports only grow"}),
            **{"x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["name"]},
        ),
        {"rule": "self.all(p, self.exists_one(q, q.name == p.name))"},
    ),
    "labels": rules(
        {"type": "object", "maxProperties": 8, "additionalProperties": {**TEXT, "maxLength": 20}},
        {"rule": "self.all(k, k.startsWith('x-') && self[k].size() > 0)", "message": "wrong labels"},
    ),
    "since": {**TEXT, "format": "date-time"},
    "every": {**TEXT, "format": "duration"},
    "data": {**TEXT, "format": "byte", "maxLength": 40},
    "for": TEXT | {"maxLength": 20},
    "dash-ed": TEXT | {"maxLength": 20},
    "percent": {"x-kubernetes-int-or-string": True},
    "maybe": {**NUMBER, "nullable": True},
    "text": TEXT | {"maxLength": 40},
}
RULES: list[dict[str, Any]] = [
    {"rule": "!has(self.min) || !has(self.max) || self.min <= self.max", "message": "min must not be over max"},
    {
        "rule": "!has(self.names) || self.names.size() <= 2",
        "messageExpression": "'one too many: ' + self.names[2]",
        "fieldPath": ".names",
    },
    {"rule": "!has(self.since) || self.since < timestamp('2030-01-01T00:00:00Z')", "message": "too late"},
    {"rule": "!has(self.every) || self.every > duration('1m')", "message": "too often"},
    {"rule": "!has(self.data) || self.data == b'abc'", "message": "other data"},
    {"rule": "!has(self.__for__) || self.__for__ != 'x'", "message": "not for x"},
    {"rule": "!has(self.dash__dash__ed) || self.dash__dash__ed.lowerAscii() == 'a'", "message": "not a"},
    {"rule": "!has(self.half) || self.half * 2.0 == 3.0", "message": "not one and a half"},
    {
        "rule": "!has(self.percent) || (type(self.percent) == int ? self.percent < 9 : self.percent == '5%')",
        "message": "not that share",
    },
    {"rule": "!has(self.maybe) || self.maybe > 0", "message": "not positive", "reason": "FieldValueInvalid"},
    {"rule": "!has(self.text) || self.text.find('[0-9]+') != '13'", "message": "unlucky"},
    {"rule": "!has(self.text) || self.text != 'boom' || [1, 2][self.names.size()] == 1", "message": "reads beyond"},
]
SCHEMA = rules(
    {"type": "object", "properties": {"spec": rules({"type": "object", "properties": SPEC}, *RULES)}},
    {"rule": "self.metadata.name != 'forbidden'", "message": "not this name"},
)


def definition(group: str, schema: dict[str, Any]) -> dict[str, Any]:
    body = crd(group, plural="things", kind="Thing")
    body["spec"]["versions"] = [{"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}}]
    return body


@pytest.fixture(scope="session")
async def thing_group(client: AsyncClient) -> AsyncIterator[str]:
    """The group of the custom resource with the rules."""
    group = f"r{uuid.uuid4().hex[:8]}.example.com"
    definitions = client.resource("customresourcedefinitions")
    await definitions.create(definition(group, SCHEMA))
    await established(client, f"things.{group}")
    yield group
    await definitions.delete(f"things.{group}")


@pytest.fixture
def things(client: AsyncClient, ns: str, thing_group: str) -> Things:
    """The custom resource with the rules, in the test's namespace."""
    return client.resource(f"things.{thing_group}", namespace=ns)


def thing(group: str, name: str = "t", **spec: Any) -> dict[str, Any]:
    return {"apiVersion": f"{group}/v1", "kind": "Thing", "metadata": {"name": name}, "spec": spec}


def told(error: errors.InvalidError) -> list[tuple[str, str, str]]:
    return [(cause["reason"], cause["field"], cause["message"]) for cause in error.causes]


INVALID = "FieldValueInvalid"
REFUSED: list[tuple[str, dict[str, Any], list[tuple[str, str, str]]]] = [
    ("compare", {"min": 2, "max": 1}, [(INVALID, "spec", "Invalid value: min must not be over max")]),
    ("expression", {"names": ["a", "b", "c"]}, [(INVALID, "spec.names", "Invalid value: one too many: c")]),
    ("plain", {"size": 3}, [(INVALID, "spec.size", "Invalid value: 3: failed rule: self % 2 == 0")]),
    ("reason", {"mode": "c"}, [("FieldValueForbidden", "spec.mode", "Forbidden: mode must be a or b")]),
    ("optional", {"once": 2}, [(INVALID, "spec.once", "Invalid value: 2: must begin with 1")]),
    ("map", {"labels": {"y": "z"}}, [(INVALID, "spec.labels", "Invalid value: wrong labels")]),
    ("time", {"since": "2031-01-01T00:00:00Z"}, [(INVALID, "spec", "Invalid value: too late")]),
    ("duration", {"every": "30s"}, [(INVALID, "spec", "Invalid value: too often")]),
    ("bytes", {"data": "YWJk"}, [(INVALID, "spec", "Invalid value: other data")]),
    ("keyword", {"for": "x"}, [(INVALID, "spec", "Invalid value: not for x")]),
    ("sign", {"dash-ed": "B"}, [(INVALID, "spec", "Invalid value: not a")]),
    ("number", {"half": 1}, [(INVALID, "spec", "Invalid value: not one and a half")]),
    ("share", {"percent": "6%"}, [(INVALID, "spec", "Invalid value: not that share")]),
    ("nullable", {"maybe": 0}, [(INVALID, "spec", "Invalid value: not positive")]),
    ("find", {"text": "a13"}, [(INVALID, "spec", "Invalid value: unlucky")]),
    (
        "error",
        {"text": "boom"},
        [(INVALID, "spec", 'Invalid value: "object": no such key: names evaluating rule: reads beyond')],
    ),
    (
        "bounds",
        {"text": "boom", "names": ["a", "b"]},
        [(INVALID, "spec", 'Invalid value: "object": index out of bounds: 2 evaluating rule: reads beyond')],
    ),
    (
        "blocked",
        {"min": 2, "max": 1, "color": "x" * 21},
        [
            ("FieldValueTooLong", "spec.color", "Too long: may not be more than 20 bytes"),
            (
                INVALID,
                "<nil>",
                "Invalid value: null: some validation rules were not checked because the object was invalid; correct the "
                "existing errors to complete validation",
            ),
        ],
    ),
]


@pytest.mark.parametrize(("spec", "causes"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED])
async def test_what_a_rule_refuses_is_told_in_its_words(
    things: Things, thing_group: str, spec: dict[str, Any], causes: list[tuple[str, str, str]]
) -> None:
    with pytest.raises(errors.InvalidError) as caught:
        await things.create(thing(thing_group, **spec))
    assert told(caught.value) == causes


async def test_what_keeps_the_rules_is_taken(things: Things, thing_group: str) -> None:
    spec = {
        "min": 1,
        "max": 1,
        "half": 1.5,
        "color": "red",
        "size": 2,
        "mode": "a",
        "once": 1,
        "names": ["a"],
        "ports": [{"name": "a", "port": 1}, {"name": "b"}],
        "labels": {"x-a": "b"},
        "since": "2020-01-01T00:00:00Z",
        "every": "2m",
        "data": "YWJj",
        "for": "y",
        "dash-ed": "A",
        "percent": "5%",
        "maybe": 1,
        "text": "12",
    }
    made = await things.create(thing(thing_group, **spec))
    assert made["spec"] == spec
    patched = await things.patch("t", {"spec": {"percent": 5, "once": 7}})
    assert (patched["spec"]["percent"], patched["spec"]["once"]) == (5, 7)


async def test_a_rule_about_the_whole_object_sees_its_name(things: Things, thing_group: str) -> None:
    with pytest.raises(errors.InvalidError) as caught:
        await things.create(thing(thing_group, "forbidden"))
    assert told(caught.value) == [(INVALID, "<nil>", "Invalid value: not this name")]


async def test_transition_rules_compare_with_what_was_there(things: Things, thing_group: str) -> None:
    await things.create(thing(thing_group, color="red", ports=[{"name": "a", "port": 5}, {"name": "b", "port": 5}]))
    with pytest.raises(errors.InvalidError) as caught:
        await things.patch("t", {"spec": {"color": "blue"}})
    assert told(caught.value) == [(INVALID, "spec.color", 'Invalid value: "blue": color is immutable')]
    turned = [{"name": "b", "port": 6}, {"name": "a", "port": 4}, {"name": "c", "port": 1}]
    with pytest.raises(errors.InvalidError) as caught:
        await things.patch("t", {"spec": {"ports": turned}})
    assert told(caught.value) == [(INVALID, "spec.ports[1]", "Invalid value: ports only grow")]
    await things.patch("t", {"spec": {"color": None}})
    assert (await things.patch("t", {"spec": {"color": "blue"}}))["spec"]["color"] == "blue"


async def test_a_status_written_by_a_controller_is_judged_too(client: AsyncClient, ns: str) -> None:
    group = f"r{uuid.uuid4().hex[:8]}.example.com"
    state = rules({"type": "object", "properties": {"n": NUMBER}}, {"rule": "self.n >= oldSelf.n", "message": "back"})
    body = definition(group, {"type": "object", "properties": {"spec": {"type": "object"}, "status": state}})
    body["spec"]["versions"][0]["subresources"] = {"status": {}}
    definitions = client.resource("customresourcedefinitions")
    await definitions.create(body)
    try:
        await established(client, f"things.{group}")
        found = client.resource(f"things.{group}", namespace=ns)
        await found.create(thing(group))
        await found.patch("t", {"status": {"n": 2}}, subresource="status")
        with pytest.raises(errors.InvalidError) as caught:
            await found.patch("t", {"status": {"n": 1}}, subresource="status")
        assert told(caught.value) == [(INVALID, "status", "Invalid value: back")]
    finally:
        await definitions.delete(f"things.{group}")


async def test_what_broke_no_rule_when_it_was_written_may_stay(client: AsyncClient, ns: str) -> None:
    group = f"r{uuid.uuid4().hex[:8]}.example.com"
    spec = {"type": "object", "properties": {"a": NUMBER, "b": NUMBER}}
    definitions = client.resource("customresourcedefinitions")
    await definitions.create(definition(group, {"type": "object", "properties": {"spec": spec}}))
    try:
        await established(client, f"things.{group}")
        found = client.resource(f"things.{group}", namespace=ns)
        await found.create(thing(group, a=1, b=1))
        judged = {**spec, "properties": {"a": rules(NUMBER, {"rule": "self > 5", "message": "small"}), "b": NUMBER}}
        schema = {"type": "object", "properties": {"spec": judged}}
        change = {"spec": {"versions": definition(group, schema)["spec"]["versions"]}}
        await definitions.patch(f"things.{group}", change)

        async def refused() -> bool:
            try:
                await found.create(thing(group, f"n{uuid.uuid4().hex[:6]}", a=1))
            except errors.InvalidError:
                return True
            return False

        await until(refused)
        assert (await found.patch("t", {"spec": {"b": 2}}))["spec"] == {"a": 1, "b": 2}
        with pytest.raises(errors.InvalidError, match="small"):
            await found.patch("t", {"spec": {"a": 2}})
    finally:
        await definitions.delete(f"things.{group}")


@pytest.mark.parametrize(
    ("rule", "field", "words"),
    [
        ({"rule": "self.a ="}, "rule", "compilation failed: ERROR: <input>:1:"),
        ({"rule": "other.a == 1"}, "rule", "compilation failed: ERROR: <input>:1:"),
        ({"rule": "1 + 1"}, "rule", "cel expression must evaluate to a bool"),
        ({"rule": " "}, "rule", "Required value: rule is not specified"),
        (
            {"rule": "true", "messageExpression": "other"},
            "messageExpression",
            "undeclared reference to 'other'",
        ),
    ],
    ids=["syntax", "name", "type", "empty", "message"],
)
async def test_a_definition_with_a_wrong_rule_is_not_stored(
    client: AsyncClient, rule: dict[str, Any], field: str, words: str
) -> None:
    group = f"r{uuid.uuid4().hex[:8]}.example.com"
    spec = rules({"type": "object", "properties": {"a": NUMBER}}, rule)
    body = definition(group, {"type": "object", "properties": {"spec": spec}})
    with pytest.raises(errors.InvalidError) as caught:
        await client.resource("customresourcedefinitions").create(body)
    path = f"spec.validation.openAPIV3Schema.properties[spec].x-kubernetes-validations[0].{field}"
    (cause,) = caught.value.causes
    assert cause["field"] == path
    assert words in cause["message"]
