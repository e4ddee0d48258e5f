"""Schemas of custom resources: patterns as Go reads them, nulls, defaults, types."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from typing import Any

import pytest

from kmagic import errors
from kmagic.client.client import AsyncClient
from kmagic.client.resource import AsyncResource
from tests.conformance.conftest import established

PATTERNS = {
    "letters": r"^\p{L}+$",
    "posix": "^[[:alpha:]]+$",
    "end": r"^a\z",
    "flags": "^(?i:abc)$",
    "midflag": "x(?i)abc",
    "named": "^(?P<n>a)b$",
    "angled": "^(?<n>a)b$",
    "quote": r"^\Qa.b\E$",
    "dollar": "^ab$",
    "lines": "(?m)^ab$",
    "hexe": r"^\x{41}$",
    "dig": r"^\d+$",
    "space": r"^\s$",
    "word": r"\bé",
    "greek": r"^\p{Greek}\pN$",
    "slow": "^(a|aa)+$",
}
FIELDS = {name: {"type": "string", "pattern": pattern} for name, pattern in PATTERNS.items()} | {
    "a": {"type": "string", "nullable": True},
    "b": {"type": "string", "nullable": True, "default": None},
    "c": {"type": "string", "nullable": True, "default": "x"},
    "d": {"type": "string", "default": "y"},
    "e": {"type": "integer", "nullable": True, "enum": [1, 2]},
    "f": {"type": "array", "items": {"type": "string"}},
    "g": {"type": "array", "items": {"type": "string", "default": "z"}},
    "h": {"type": "object", "additionalProperties": {"type": "string", "default": "q"}},
    "i": {"type": "object", "additionalProperties": {"type": "string"}},
    "j": {"type": "object", "nullable": True, "properties": {"k": {"type": "string", "default": "m"}}},
    "l": {"type": "object", "additionalProperties": {"type": "string", "nullable": True}},
    "m": {"x-kubernetes-int-or-string": True},
    "o": {"type": "object", "x-kubernetes-preserve-unknown-fields": True},
    "p": {"type": "number"},
}
DEFAULTED = {"c": "x", "d": "y"}


def definition(group: str, fields: dict[str, Any]) -> dict[str, Any]:
    schema = {"type": "object", "properties": {"spec": {"type": "object", "properties": fields}}}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"regs.{group}"},
        "spec": {
            "group": group,
            "names": {"kind": "Reg", "plural": "regs"},
            "scope": "Namespaced",
            "versions": [{"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}}],
        },
    }


@pytest.fixture(scope="module")
async def group(client: AsyncClient) -> AsyncIterator[str]:
    name = f"r{uuid.uuid4().hex[:8]}.example.com"
    definitions = client.resource("customresourcedefinitions")
    await definitions.create(definition(name, FIELDS))
    await established(client, f"regs.{name}")
    yield name
    await definitions.delete(f"regs.{name}")


@pytest.fixture
def regs(client: AsyncClient, ns: str, group: str) -> AsyncResource[Any]:
    return client.resource(f"regs.{group}", namespace=ns)


def reg(group: str, **spec: Any) -> dict[str, Any]:
    return {"apiVersion": f"{group}/v1", "kind": "Reg", "metadata": {"name": "r"}, "spec": spec}


@pytest.mark.parametrize(
    ("name", "text", "fits"),
    [
        ("letters", "é", True),
        ("letters", "é1", False),
        ("posix", "ab", True),
        ("posix", "é", False),
        ("end", "a", True),
        ("end", "a\n", False),
        ("flags", "ABC", True),
        ("midflag", "xABC", True),
        ("midflag", "Xabc", False),
        ("named", "ab", True),
        ("angled", "ab", True),
        ("quote", "a.b", True),
        ("quote", "axb", False),
        ("dollar", "ab", True),
        ("dollar", "ab\n", False),
        ("lines", "x\nab\ny", True),
        ("hexe", "A", True),
        ("dig", "3", True),
        ("dig", "٣", False),
        ("space", "\v", False),
        ("word", "é", False),
        ("greek", "α²", True),
        ("slow", "a" * 20_000 + "b", False),
    ],
)
async def test_patterns_mean_what_go_reads(
    regs: AsyncResource[Any], group: str, name: str, text: Any, fits: bool
) -> None:
    if fits:
        assert (await regs.create(reg(group, **{name: text}), dry_run=True))["spec"][name] == text
        return
    with pytest.raises(errors.InvalidError) as caught:
        await regs.create(reg(group, **{name: text}), dry_run=True)
    (cause,) = caught.value.causes
    assert cause["field"] == f"spec.{name}"
    assert cause["message"].endswith(f"spec.{name} in body should match '{PATTERNS[name]}'")


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        ("(", "missing closing ): `(`"),
        ("a)", "unexpected ): `a)`"),
        ("[a", "missing closing ]: `[a`"),
        ("(?=a)", "invalid or unsupported Perl syntax: `(?=`"),
        (r"^\Ca$", r"invalid escape sequence: `\C`"),
        (r"^\Z", r"invalid escape sequence: `\Z`"),
        ("^(a{1000}){1000}$", "invalid repeat count: `{1000}`"),
        ("^a{1001}$", "invalid repeat count: `{1001}`"),
        ("a**", "invalid nested repetition operator: `**`"),
        ("*a", "missing argument to repetition operator: `*`"),
        ("[z-a]", "invalid character class range: `z-a`"),
        ("a\\", "trailing backslash at end of expression: ``"),
        (r"\p{Nothing}", r"invalid character class range: `\p{Nothing}`"),
    ],
)
async def test_what_is_no_pattern_is_refused_with_the_definition(client: AsyncClient, pattern: str, why: str) -> None:
    wrong = definition(
        f"x{uuid.uuid4().hex[:8]}.example.com",
        {"x": {"type": "array", "items": {"type": "string", "pattern": pattern}}},
    )
    with pytest.raises(errors.InvalidError) as caught:
        await client.resource("customresourcedefinitions").create(wrong, dry_run=True)
    (cause,) = caught.value.causes
    assert cause["field"] == "spec.validation.openAPIV3Schema.properties[spec].properties[x].items.pattern"
    assert cause["message"].endswith(f"must be a valid regular expression, but isn't: error parsing regexp: {why}")


@pytest.mark.parametrize(
    ("spec", "stored"),
    [
        ({"a": None, "b": None, "c": None, "d": None}, {"a": None, "b": None, "c": None, "d": "y"}),
        ({}, DEFAULTED),
        ({"g": [None, "a"]}, DEFAULTED | {"g": ["z", "a"]}),
        ({"h": {"x": None}}, DEFAULTED | {"h": {"x": "q"}}),
        ({"i": {"x": None}}, DEFAULTED | {"i": {}}),
        ({"j": None}, DEFAULTED | {"j": None}),
        ({"j": {"k": None}}, DEFAULTED | {"j": {"k": "m"}}),
        ({"l": {"x": None}}, DEFAULTED | {"l": {"x": None}}),
        ({"m": None}, DEFAULTED),
        ({"o": {"x": None}}, DEFAULTED | {"o": {"x": None}}),
        ({"p": 2}, DEFAULTED | {"p": 2}),
    ],
    ids=str,
)
async def test_what_becomes_of_null(regs: AsyncResource[Any], group: str, spec: dict[str, Any], stored: Any) -> None:
    assert (await regs.create(reg(group, **spec)))["spec"] == stored
    assert (await regs.get("r"))["spec"] == stored


@pytest.mark.parametrize(
    ("spec", "causes"),
    [
        ({"e": None}, ['spec.e: Unsupported value: null: supported values: "1", "2"']),
        ({"e": 3}, ['spec.e: Unsupported value: 3: supported values: "1", "2"']),
        ({"a": 5}, ['spec.a: Invalid value: "integer": spec.a in body must be of type string: "integer"']),
        ({"a": 5.5}, ['spec.a: Invalid value: "number": spec.a in body must be of type string: "number"']),
        ({"a": True}, ['spec.a: Invalid value: "boolean": spec.a in body must be of type string: "boolean"']),
        ({"f": [None]}, ['spec.f[0]: Invalid value: "null": spec.f[0] in body must be of type string: "null"']),
        ({"f": "x"}, ['spec.f: Invalid value: "string": spec.f in body must be of type array: "string"']),
        ({"j": []}, ['spec.j: Invalid value: "array": spec.j in body must be of type object: "array"']),
        (
            {"a": 5, "dollar": "x"},
            [
                'spec.a: Invalid value: "integer": spec.a in body must be of type string: "integer"',
                "spec.dollar: Invalid value: \"x\": spec.dollar in body should match '^ab$'",
            ],
        ),
    ],
    ids=str,
)
async def test_a_refusal_names_the_object_and_every_field(
    regs: AsyncResource[Any], group: str, spec: dict[str, Any], causes: list[str]
) -> None:
    with pytest.raises(errors.InvalidError) as caught:
        await regs.create(reg(group, **spec))
    assert str(caught.value).startswith(f'Reg.{group} "r" is invalid: ')
    assert sorted(f"{cause['field']}: {cause['message']}" for cause in caught.value.causes) == causes
