"""Streams of YAML and JSON, read as kubectl reads them; kubectl itself is asked."""

from __future__ import annotations

import json
import re
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from kmagic.api.codec import dump_yaml
from kmagic.api.yaml_reader import YAMLError, decode_text, documents_of, first_document
from tests.strange import bounded

# kubectl reads some dozens of streams in a call; to shrink them would take hundreds of calls.
_asking_kubectl = settings(bounded(6), phases=(Phase.reuse, Phase.generate))

HEAD = "apiVersion: v1\nkind: Any\nmetadata: {name: n%d}\n"


def read(text: str) -> list[Any]:
    return [document.obj for document in documents_of(text)]


class Kubectl:
    """kubectl's reading of many streams in one call; it needs no server for that."""

    def __init__(self, path: str) -> None:
        self._path = path

    def read(self, streams: list[bytes], form: str = "json") -> tuple[str, str]:
        with tempfile.TemporaryDirectory() as folder:
            for number, stream in enumerate(streams):
                Path(folder, f"{number}.yaml").write_bytes(stream)
            done = subprocess.run(
                [self._path, "label", "--local", "-f", folder, "-o", form, "read="],
                env={"KUBECONFIG": "/dev/null", "HOME": folder},
                capture_output=True,
                timeout=60,
            )
        return done.stdout.decode(), done.stderr.decode()

    def objects(self, streams: list[bytes]) -> tuple[dict[str, list[Any]], set[int]]:
        """What was read, by name, and the numbers of the streams that were refused."""
        output, errors = self.read(streams)
        found: dict[str, list[Any]] = {}
        for obj in _json_values(output):
            found.setdefault(obj["metadata"]["name"], []).append(_unlabelled(obj))
        return found, {int(number) for number in re.findall(r"error parsing \S*/(\d+)\.yaml", errors)}


def _json_values(text: str) -> Iterator[Any]:
    at = 0
    while text[at:].strip():
        obj, end = json.JSONDecoder().raw_decode(text[at:].lstrip())
        at += len(text[at:]) - len(text[at:].lstrip()) + end
        yield from obj["items"] if obj.get("kind") == "List" else [obj]


def _unlabelled(obj: Any) -> Any:
    obj["metadata"].pop("labels")
    return obj


def same(ours: Any, theirs: Any) -> bool:
    """Equal, where kubectl's own printing made a float of an integer beyond 64 bits."""
    if isinstance(ours, dict):
        return (
            isinstance(theirs, dict)
            and sorted(ours) == sorted(theirs)
            and all(same(ours[key], theirs[key]) for key in ours)
        )
    if isinstance(ours, list):
        return isinstance(theirs, list) and len(ours) == len(theirs) and all(map(same, ours, theirs))
    if isinstance(ours, bool) or isinstance(theirs, bool) or not isinstance(ours, int | float):
        return type(ours) is type(theirs) and ours == theirs
    if isinstance(ours, int) and -(2**63) <= ours < 2**63:
        return bool(ours == theirs)
    return isinstance(theirs, int | float) and float(ours) == float(theirs)


@pytest.fixture(scope="session")
def kubectl(kubectl_path: str) -> Kubectl:
    return Kubectl(kubectl_path)


STREAMS = {
    "a block at the end of a document": "x: |\n  line\n---\n"
    + HEAD % 1
    + "x: |\n  line\n\n---\n"
    + HEAD % 2
    + "x: |+\n  a\n\n---\n",
    "a block at the end of the text": "x: >\n  a\n  b",
    "indentation indicators": "x: |2\n    a\n   b\ny: >1-\n  a\n\n  b\nz: |+1\n a\n\n",
    "a block with Windows line ends": "x: |\r\n  a\r\n  b\r\n---\r\n",
    "an anchor that is set again": "x: {a: &v one, b: *v, c: &v two, d: *v}",
    "an anchor of a mapping": "x: {a: &v {b: [1]}, c: *v, *v0 : 1}",
    "numbers that are none": "x: [65e1234, 1e400, 1_, _1, 0x, 0o8, 08, 1e, .5_1, .5_, ._5, 0b2, 1.2.3, -, +, 0_]",
    "numbers": "x: [1e3, .5, 0x1F, 0o17, 017, 1_000, +1, -0, 0b11, -0x1f, 1., 1.e3, 18446744073709551615, 5_0.1_0, 00]",
    "words": "x: [~, yes, no, on, off, y, N, True, FALSE, null, NULL, Null, nULL, tRUE, '', \"\"]",
    "timestamps": "x: [2024-01-02, 2024-01-02T03:04:05Z, 2024-02-30, 1:30, '2024-01-02']",
    "keys that are no text": "x: {on: 1, n: 2, 0x1F: 3, 1.50: 4, 1e3: 5, 2024-01-02: 6, -1: 7, 1e21: 8}",
    "keys that are null": "x: {~: 1}",
    "keys that are lists": "x: {[a]: 1}",
    "a key too big": "x: {18446744073709551615: 1}",
    "a key twice": "x: {a: 1, b: 2, a: 3, c: null, c: 1, d: 1, d: null}",
    "a merge after a key": "x: {a: 1, <<: {a: 2}}",
    "a merge before a key": "x: {<<: {a: 2}, a: 1}",
    "merges": "b: &b {a: 1, b: 2}\nc: &c {b: 3, c: 4}\nx: {<<: [*b, *c], d: 5}\ny: {<<: *b, <<: *c}",
    "a merge of a list by alias": "l: &l [{a: 1}]\nx: {<<: *l}",
    "a merge of text": "x: {<<: a}",
    "a quoted merge": "x: {'<<': {a: 1}, \"b\": 2}",
    "tags": "x: [!!str 1, !!int '7', !!float 1, !!null ~, !!bool yes, !foo bar, ! 12, !!timestamp 2024-01-02, !!str ~]",
    "a tag that does not fit": "x: !!int a",
    "binary": "x: !!binary |\n  aGVs\n  bG8=\n",
    "binary with a space": "x: !!binary 'aGVs bG8='",
    "an anchor in itself": "x: &a [*a]",
    "an anchor that is not there": "x: *a",
    "text after the separator": "x: 1\n--- {a: 1}\n",
    "a comment after the separator": "x: 1\n--- # b\n" + HEAD % 1 + "x: 2\n---#c\n" + HEAD % 2,
    "four dashes": "x: 1\n----\n",
    "a key of three dashes": "x: 1\n---a: b\n",
    "the end of a document": "x: 1\n...\ny: [\n",
    "a directive": "x: 1\n---\n%YAML 1.1\n---\na: b\n",
    "tabs": "x:\t1\ny: [\t1,\t2 ]\nz: 'a\tb'",
    "a tab that indents": "x:\n\ty: 1",
    "plain text over lines": "x: a\n  b\n\n  c\ny: 'a\n  b\n\n  c'\nz: \"a\\\n  b\\n\\x41\\u00e9\"",
    "comments": "x: a#b #c\ny: 'a' # 'b'\n#z: 1\n",
    "flow over lines": "x: {a: [1,\n  2,\n], 'b':1, \"c\": {d}}\n",
    "question marks": "x: [a?b, http://a/b?c=d]",
    "colons in flow": "x: [a:b, ::, http://a]",
    "explicit keys": "? x\n: ? a\n  : b\n",
    "nothing after the colon": "x:\ny: \nz: {a, b: }\n",
    "other line breaks": "x: \"a\u2028b\"\ny: 'a\x85b'\n",
    "infinity": "x: .inf",
    "infinity as key": "x: {.inf: 1, .NaN: 2}",
    "no number but text": "x: '.inf'\n",
    "a bell": 'x: "a\x07b"',
    "nested": "x: " + "[" * 200 + "]" * 200,
}


def documents_by_name(text: str) -> dict[str, Any]:
    return {obj["metadata"]["name"]: obj for obj in read(text)}


def test_streams_are_read_as_kubectl_reads_them(kubectl: Kubectl) -> None:
    texts = [(HEAD % 100 + f"number: {number}\n" + text) for number, text in enumerate(STREAMS.values())]
    texts = [re.sub(r"name: n(\d+)", rf"name: s{number}-\1", text) for number, text in enumerate(texts)]
    found, refused = kubectl.objects([text.encode() for text in texts])
    for number, (what, text) in enumerate(zip(STREAMS, texts, strict=True)):
        theirs = {name: objs for name, objs in found.items() if name.startswith(f"s{number}-")}
        try:
            ours = documents_by_name(text)
        except YAMLError:
            assert number in refused, f"{what}: kubectl read {theirs}"
            continue
        if number in refused:
            assert what == "question marks", f"{what}: kubectl refused it, we read {ours}"
            continue
        assert ours.keys() == theirs.keys(), what
        for name, obj in ours.items():
            assert same(obj, theirs[name][0]), f"{what}: {obj} is {theirs[name][0]} to kubectl"


_ATOMS = [
    *"ab \n{}[]'\"%@`-?:1~yn\t", "k: ", "- ", "? ", ": ", "\n  ", "\n    ", ", ", "|\n", "|-\n", ">\n", ">-\n", "|+\n",
    "|2\n", ">1-\n", "#c", "# c\n", "&x ", "*x", "<<: ", "!!str ", "!!int ", "!!float ", "!foo ", "! ", "!!null ",
    "!!bool ", "0x1F", "017", "0o17", "1_000", "1e3", ".5", "+1", "yes", "off", ".inf", "null", "2024-01-02", "1:30",
    "08", "0b11", "---\n", "\n---\n", "...\n", "\r\n", "::", "\\n", "é", "\u2028", "true", '"a b"', "'it''s'", "- - ",
    "a: 1\n", "b: {c: d}\n", "  x: 1\n", "65e1234", "1.", "0x", "-0x1f", "1__",
]  # fmt: skip
snippets = st.lists(st.sampled_from(_ATOMS), min_size=1, max_size=9).map("".join)


@_asking_kubectl
@given(st.lists(st.tuples(st.sampled_from([" ", "\n  "]), snippets), min_size=40, max_size=60))
def test_any_stream_is_read_as_kubectl_reads_it(kubectl: Kubectl, bodies: list[tuple[str, str]]) -> None:
    texts = [HEAD % number + f"x:{space}{body}" for number, (space, body) in enumerate(bodies)]
    found, refused = kubectl.objects([text.encode() for text in texts])
    for number, text in enumerate(texts):
        theirs = found.get(f"n{number}")
        try:
            ours = read(text)
        except YAMLError:
            assert theirs is None or number in refused, f"{text!r}: kubectl read {theirs}"
            continue
        if len(ours) == 1 or theirs:
            assert theirs is not None, f"{text!r}: kubectl refused it, we read {ours}"
            assert same(ours[0], theirs[0]), f"{text!r}: {ours[0]} is {theirs[0]} to kubectl"


texts_of_values = st.text(st.characters(codec="utf-8", exclude_characters="\ufeff"), max_size=12) | st.sampled_from(
    [
        "yes",
        "1",
        "0x1F",
        "65e1234",
        "1:30",
        "2024-01-02",
        "~",
        "",
        " a",
        "a ",
        "a\n",
        "a\n\n",
        "\na",
        "- a",
        "a: b",
        "#",
    ]
)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False)
    | texts_of_values,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts_of_values, inner, max_size=3),
    max_leaves=8,
)  # fmt: skip


@_asking_kubectl
@given(st.lists(values, min_size=30, max_size=40))
def test_what_is_written_is_read_back_by_kubectl_and_what_kubectl_writes_by_us(
    kubectl: Kubectl, written: list[Any]
) -> None:
    objects = [
        {"apiVersion": "v1", "kind": "Any", "metadata": {"name": f"n{number}"}, "x": value}
        for number, value in enumerate(written)
    ]
    streams = [dump_yaml(obj) for obj in objects]
    found, _ = kubectl.objects([stream.encode() for stream in streams])
    printed, _ = kubectl.read([stream.encode() for stream in streams], "yaml")
    # It prints one after the other, without a separator.
    printed = re.sub("(?m)^apiVersion:", "---\napiVersion:", printed)
    back = {obj["metadata"]["name"]: _unlabelled(obj) for obj in read(printed)}
    for number, (obj, stream) in enumerate(zip(objects, streams, strict=True)):
        assert read(stream) == [obj]
        assert same(obj, found[f"n{number}"][0]), f"kubectl reads {stream!r} as {found[f'n{number}']}"
        # There are control characters that kubectl reads but cannot print as YAML.
        assert f"n{number}" not in back or same(back[f"n{number}"], found[f"n{number}"][0])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_a_byte_order_mark_says_how_a_file_is_read(kubectl: Kubectl, encoding: str) -> None:
    marks = {"utf-16-le": b"\xff\xfe", "utf-16-be": b"\xfe\xff"}
    data = marks.get(encoding, b"") + (HEAD % 0 + "x: é\n").encode(encoding)
    found, _ = kubectl.objects([data])
    assert read(decode_text(data)) == found["n0"]


def test_bytes_that_are_no_text_name_their_line() -> None:
    for data, name in ((b"a: 1\nb: \xff\n", "UTF-8"), (b"\xff\xfe\x00\xd8a\x00", "UTF-16")):
        with pytest.raises(YAMLError, match=f"not {name} text") as caught:
            decode_text(data)
        assert caught.value.line == (2 if name == "UTF-8" else 1)


JSON_STREAMS = [
    '{"a":1}\n{"a":2}\n',
    '{"a":1}{"a":2} {"a":3}',
    '{"a":1}\n---\n{"a":2}\n---\na: 3\n',
    '{"a": "\\ud83d\\ude00", "b": "\\ud800", "c": "\\/"}',
    "{a: b, c: d}",
    ' \n {"a": 1, "a": 2, "b": 1e3, "c": 12345678901234567890}',
    '{"a":1}\nb: 2\n',
    '{"a":1}{"a":2}b',
    '{"a":1}{"a":2}\n---\n{"a":3}',
    '{"a":NaN}',
    '{"a":1e400}',
    '{"a":\t1}\r\n{"a":2}',
    '\ufeff{"a":1}{"a":2}',
    '{"a":1}\n\n\n{"a":2}\n\n',
]


def test_json_objects_one_after_another_are_read_as_kubectl_reads_them(kubectl: Kubectl) -> None:
    named = [
        re.sub(r"\{(?=[\"a])", lambda _, number=number: f'{{"apiVersion":"v1","kind":"Any","metadata":{{"name":"n{number}"}},', text)
        for number, text in enumerate(JSON_STREAMS)
    ]  # fmt: skip
    found, refused = kubectl.objects([text.encode() for text in named])
    for number, text in enumerate(named):
        try:
            ours = read(text)
        except YAMLError:
            # Some of the objects before it may have been read: kubectl reads on while it works.
            assert number in refused or f"n{number}" not in found, f"{text}: kubectl read {found[f'n{number}']}"
            continue
        assert number not in refused, f"{text}: we read {ours}"
        # Without a kind kubectl does not print it.
        assert same([obj for obj in ours if "kind" in obj], found[f"n{number}"]), text


def test_lines_are_those_of_the_whole_text() -> None:
    documents = list(documents_of('{"a":1}\n\n---\n# c\nb: 1\n---\n\nc: 2\n'))
    assert [(each.line, each.obj) for each in documents] == [(1, {"a": 1}), (5, {"b": 1}), (8, {"c": 2})]
    for text, line, column in (
        ('{"a":1}\n{"a":1}\n{"a":x}\n', 3, 6),
        ("a: 1\n---\nb: 1\n\n---\nc: *x\n", 6, 4),
        ("a: 1\n---\nb: \x07\n", 3, 4),
        ("a: 1\n--- b\n", 2, 4),
    ):
        with pytest.raises(YAMLError) as caught:
            list(documents_of(text))
        assert (caught.value.line, caught.value.column) == (line, column), text


def warnings_of(text: str) -> list[tuple[int, str]]:
    return [warning for document in documents_of(text) for warning in document.warnings]


def test_what_kubectl_takes_and_is_probably_a_mistake_is_told_with_its_line() -> None:
    assert warnings_of("a: 1\non: 2\n'n': 3\ntrue: 4\n010: 5\n") == [
        (2, 'the key on is "true" in YAML 1.1, as kubectl reads it; quote it to keep it'),
        (4, 'key "true" already set in map'),
        (5, 'the key 010 is "8" in YAML 1.1, as kubectl reads it; quote it to keep it'),
    ]
    ((line, text),) = warnings_of("a: 1\n...\n\nb: 2\n")
    assert (line, "not read" in text) == (4, True)
    assert not warnings_of("a: 1\n...\n---\nb: 2\n...\n")


def test_an_error_never_shows_a_value() -> None:
    for text in ("a: *hunter2", "a: !!int hunter2", "a: &hunter2 [*hunter2]", "a: !!binary hunter2!"):
        with pytest.raises(YAMLError) as caught:
            read(text)
        assert "hunter2" not in str(caught.value)


def test_what_would_grow_without_bounds_is_refused() -> None:
    laughs = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    laughs += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    for text, reason in (
        ("\n".join(laughs), "excessive aliasing"),
        ("a: " + "[" * 9000 + "]" * 9000, "levels deep|maximum nesting depth"),
        ("- " * 5000, "levels deep|maximum nesting depth"),
        ('{"a": ' + "[" * 300 + "]" * 300 + "}", "levels deep"),
        ('{"a": ' + "[" * 90000, "nesting depth|levels deep|did not find"),
    ):
        with pytest.raises(YAMLError, match=reason):
            read(text)


def test_a_long_number_is_text_or_a_number_and_no_crash() -> None:
    assert read("a: 1" + "0" * 5000) == [{"a": "1" + "0" * 5000}]
    assert read("a: 1" + "0" * 200) == [{"a": 1e200}]
    with pytest.raises(YAMLError):
        read('{"a": 1' + "0" * 5000 + "}")


def test_only_the_first_document_of_a_text() -> None:
    assert first_document("\ufeff---\r\na: 1\r\n---\r\nb: [\r\n") == {"a": 1}
    assert first_document("# nothing\n") is None
    assert first_document('{"a": 1}') == {"a": 1}


@bounded(200)
@given(st.text(max_size=60) | st.binary(max_size=60).map(lambda data: data.decode("latin-1")) | snippets)
def test_any_text_is_documents_or_a_yaml_error(text: str) -> None:
    for reading in (lambda: list(documents_of(text)), lambda: first_document(text)):
        with suppress(YAMLError):
            reading()
