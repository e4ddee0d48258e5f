"""YAML as kubectl reads and writes it, JSON as the API does."""

from __future__ import annotations

import json
from functools import cmp_to_key
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from kmagic.api.codec import YAMLError, dump_yaml, encode_json, load_yaml_documents
from kmagic.api.door import read_object
from kmagic.api.yaml_scalars import compare_keys, format_float, is_plain_text
from kmagic.errors import DecodeError

text = st.text(st.characters(codec="utf-8", exclude_characters="\x85\ufeff"), max_size=30)
scalars = (
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False)
)
plain = st.recursive(
    scalars | text,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(text, inner, max_size=4),
    max_leaves=20,
)


def load(source: str) -> Any:
    return [document.obj for document in load_yaml_documents(source)]


def test_every_document_is_read_with_its_line() -> None:
    documents = load_yaml_documents("# head\n---\nkind: A\n---\n# only a comment\n---  # note\n\nkind: B\n...\n")
    assert [(document.index, document.line, document.obj["kind"]) for document in documents] == [
        (0, 3, "A"),
        (1, 8, "B"),
    ]


def test_three_dashes_inside_a_block_do_not_end_the_document() -> None:
    assert load("a: |\n  x\n  ---\n  y\nb: 1\n") == [{"a": "x\n---\ny\n", "b": 1}]


def test_json_is_yaml() -> None:
    assert load('{"a": [1, 2.5, null, true, "x"]}') == [{"a": [1, 2.5, None, True, "x"]}]


def test_keys_become_text() -> None:
    assert load("1: a\ntrue: b\non: c\n1.5: d\n") == [{"1": "a", "true": "c", "1.5": "d"}]


def test_a_key_said_twice_is_kept_last_and_told() -> None:
    (document,) = load_yaml_documents("x: 0\n---\na: 1\nb: 2\na: 3\n")[1:]
    assert document.obj == {"a": 3, "b": 2}
    assert document.warnings == ((5, 'key "a" already set in map'),)


def test_anchors_and_merges_are_resolved() -> None:
    source = "base: &base {a: 1, b: 2}\none: {<<: *base, b: 3}\ntwo:\n  <<: [{c: 4}, *base]\n  a: 5\n"
    (obj,) = load(source)
    assert obj["one"] == {"a": 1, "b": 3}
    assert obj["two"] == {"c": 4, "a": 5, "b": 2}


def test_dates_and_base_60_stay_text() -> None:
    assert load("a: 2024-01-02\nb: 2024-01-02T03:04:05Z\nc: 1:30\n") == [
        {"a": "2024-01-02", "b": "2024-01-02T03:04:05Z", "c": "1:30"}
    ]


def test_explicit_tags_decide() -> None:
    assert load("a: !!str 1\nb: !!int '7'\nc: !!float 1\nd: !!binary aGk=\ne: !custom x\n") == [
        {"a": "1", "b": 7, "c": 1.0, "d": "hi", "e": "x"}
    ]


@pytest.mark.parametrize(
    ("source", "line", "column"),
    [
        pytest.param("a: 1\nb: [1,\nc: 2\n", 4, 1, id="open bracket"),
        pytest.param("ok: 1\n---\na: 1\n\tb: 2\n", 4, 1, id="tab in the second document"),
        pytest.param("a: *missing\n", 1, 4, id="unknown anchor"),
        pytest.param("a: 1\n? [x]\n: 1\n", 2, 3, id="list as key"),
        pytest.param("a: .inf\n", 1, 4, id="not a JSON number"),
        pytest.param("a: !!int x\n", 1, 4, id="wrong tag"),
        pytest.param("a: &a [*a]\n", 1, 4, id="contains itself"),
    ],
)
def test_what_cannot_be_read_says_where(source: str, line: int, column: int) -> None:
    with pytest.raises(YAMLError) as caught:
        load_yaml_documents(source)
    assert (caught.value.line, caught.value.column) == (line, column)


def test_a_small_text_cannot_become_a_huge_object() -> None:
    levels = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    levels += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    with pytest.raises(YAMLError, match="excessive aliasing"):
        load_yaml_documents("\n".join(levels))


def test_deep_nesting_is_an_error_and_no_crash() -> None:
    with pytest.raises(YAMLError):
        load_yaml_documents("[" * 5000 + "]" * 5000)


# Printed by kubectl 1.37.2 (create --dry-run=client -o yaml) for the same object.
KUBECTL = """\
apiVersion: v1
data:
  amp: '&x'
  b60: "1:30"
  colon: 'a: b'
  ctrl: "\\x01"
  d: "2024-01-01"
  dq: say "x"
  e1: "1e3"
  empty: ""
  hex: "0xff"
  key9: x
  key10: x
  lead: |2-
      x
    y
  longdq: "123 \\x01 bbbbbbbbbbbbbbbbbbb cccccccccccccccccccccccccc dddddddddddddddddddddddddd
    eeeeeeeeeeeeeeeee fffff"
  longml: |-
    a long line in a multi line text that goes over the eighty characters limit for sure yes
    second


    last
  longnospace: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
    bbb
  multi: |
    a
    b
  multi2: "a \\nb"
  n1: "0777"
  q: it's
  tab: "a\\tb"
  trail: 'x '
  "true": 'long text with several words that goes on and on until it is longer than
    eighty characters: really, with more'
  under: "1_000"
  uni: "é ☃ \\U0001F600"
kind: ConfigMap
metadata:
  finalizers:
  - a
  - b
  labels: {}
  name: x
"""


def test_written_yaml_is_kubectls_to_the_character() -> None:
    (obj,) = load(KUBECTL)
    assert obj["data"]["lead"] == "  x\ny"
    assert dump_yaml(obj) == KUBECTL


def test_bare_scalars_have_no_end_mark() -> None:
    assert dump_yaml("x") == "x\n"
    assert dump_yaml([]) == "[]\n"


def test_what_is_not_plain_data_cannot_be_written() -> None:
    with pytest.raises(DecodeError, match="set"):
        dump_yaml({"a": {1}})  # type: ignore[dict-item]  # the mistake under test


@given(plain)
def test_yaml_comes_back_as_it_was(value: Any) -> None:
    documents = load_yaml_documents(dump_yaml(value))
    assert [document.obj for document in documents] == ([] if value is None else [value])


@given(st.dictionaries(text, plain, max_size=5))
def test_json_comes_back_as_it_was(value: Any) -> None:
    assert read_object(encode_json(value), "it") == value


def _one_by_one(value: Any) -> list[yaml.Event]:
    """The events of a value, each its own."""
    if isinstance(value, dict):
        inner = [
            event
            for key in sorted(value, key=cmp_to_key(compare_keys))
            for part in (key, value[key])
            for event in _one_by_one(part)
        ]
        return [yaml.MappingStartEvent(None, None, True, flow_style=not value), *inner, yaml.MappingEndEvent()]
    if isinstance(value, list):
        inner = [event for item in value for event in _one_by_one(item)]
        return [yaml.SequenceStartEvent(None, None, True, flow_style=not value), *inner, yaml.SequenceEndEvent()]
    style = None
    match value:
        case str():
            text, style = value, "|" if "\n" in value else None if is_plain_text(value) else '"'
        case None | bool():
            text = json.dumps(value)
        case _:
            text = format_float(value) if isinstance(value, float) else str(value)
    return [yaml.ScalarEvent(None, None, (True, True), text, style=style)]


@given(plain)
def test_a_text_is_written_the_same_wherever_it_stands(value: Any) -> None:
    twice = {"a": value, "b": [value, {"a": value}]}
    ends = (
        [yaml.StreamStartEvent(), yaml.DocumentStartEvent(explicit=False)],
        [yaml.DocumentEndEvent(explicit=False), yaml.StreamEndEvent()],
    )
    expected = yaml.emit(
        [*ends[0], *_one_by_one(twice), *ends[1]], Dumper=yaml.CSafeDumper, width=80, allow_unicode=True
    )
    assert dump_yaml(twice) == expected.removesuffix("...\n")
