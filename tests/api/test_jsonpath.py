"""JSONPath in kubectl's dialect; what it prints was taken from kubectl 1.37.2 where not said otherwise."""

from __future__ import annotations

import contextlib
import json
import subprocess
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kmagic.api.jsonpath import JSONPath, JSONPathError

OBJ: dict[str, Any] = {
    "kind": "ConfigMap",
    "metadata": {"name": "x", "labels": {"a.b": "dot", "c": "d", "e/f": "slash"}},
    "data": {"a": "1", "q": "it's", "h": "<b>&"},
    "x": {
        "list": [
            {"n": 1, "s": "one", "t": True},
            {"n": 2, "s": "two", "t": False},
            {"n": 3, "s": "three", "k": None},
        ],
        "nums": [0, 1, 2, 3, 4, 5],
        "big": 1000000,
        "f": 1.5,
        "bigf": 12345678.5,
        "nil": None,
        "flag": True,
        "nested": [[1, 2], [3]],
    },
}


@pytest.mark.parametrize(
    ("template", "text"),
    [
        pytest.param("{.metadata.name}", "x", id="MI-12 field"),
        pytest.param("{ .metadata.name }", "x", id="MI-12 spaces"),
        pytest.param("{@.metadata.name}", "x", id="MI-12 at"),
        pytest.param("{$.metadata.name}", "x", id="MI-12 dollar"),
        pytest.param("name is {.metadata.name}, \\n {.kind}", "name is x, \\n ConfigMap", id="MI-12 literal text"),
        pytest.param('{.metadata.name}{"\\t"}{.kind}{"\\n"}', "x\tConfigMap\n", id="MI-12 quoted text"),
        pytest.param("{'single'}", "single", id="MI-12 single quotes"),
        pytest.param("{.metadata.labels.a\\.b}", "dot", id="MI-12 escaped dot"),
        pytest.param("{.metadata.labels['c']}", "d", id="MI-12 key"),
        pytest.param("{.metadata.labels['e/f']}", "slash", id="MI-12 key with slash"),
        pytest.param("{.metadata.labels['a\\.b']}", "dot", id="MI-12 key with escaped dot"),
        pytest.param("{.metadata.labels['a.b']}", "dot", id="key with a bare dot, which kubectl cannot"),
        pytest.param("{.x.list[0].s}", "one", id="MI-12 index"),
        pytest.param("{.x.list[-1].s}", "three", id="MI-12 negative index"),
        pytest.param("{.x.nums[1:5:2]}", "1 3", id="MI-12 slice with step"),
        pytest.param("{.x.nums[::2]}", "0 2 4", id="MI-12 step only"),
        pytest.param("{.x.nums[-2:]}", "4 5", id="MI-12 negative start"),
        pytest.param("{.x.nums[:-1]}", "0 1 2 3 4", id="MI-12 negative end"),
        pytest.param("{.x.nums[3:3]}", "", id="MI-12 empty slice"),
        pytest.param("{.x.nums[0:100]}", "0 1 2 3 4 5", id="MI-12 slice is clipped"),
        pytest.param("{.x.list[*].s}", "one two three", id="MI-12 every item"),
        pytest.param("{.x.list.*.s}", "one two three", id="MI-12 star"),
        pytest.param("{.metadata.labels.*}", "dot d slash", id="MI-12 every value"),
        pytest.param("{..s}", "one two three", id="MI-12 recursive"),
        pytest.param("{..list[0].s}", "one", id="MI-12 recursive then index"),
        pytest.param("{['metadata.name','kind']}", "x ConfigMap", id="MI-12 union of paths"),
        pytest.param("{.x.list[0]['n','s']}", "1 one", id="MI-12 union of keys"),
        pytest.param("{.x.nums[0,2,4]}", "0 2 4", id="MI-12 union of indices"),
        pytest.param("{.x.list[?(@.n==2)].s}", "two", id="MI-12 filter =="),
        pytest.param("{.x.list[?(@.n!=2)].s}", "one three", id="MI-12 filter !="),
        pytest.param("{.x.list[?(@.n>1)].s}", "two three", id="MI-12 filter >"),
        pytest.param("{.x.list[?(@.n>=2)].s}", "two three", id="MI-12 filter >="),
        pytest.param("{.x.list[?(@.n<2)].s}", "one", id="MI-12 filter <"),
        pytest.param("{.x.list[?(@.n<=2)].s}", "one two", id="MI-12 filter <="),
        pytest.param('{.x.list[?(@.s=="two")].n}', "2", id="MI-12 filter text"),
        pytest.param("{.x.list[?(@.t==true)].n}", "1", id="MI-12 filter boolean"),
        pytest.param("{.x.list[?(@.t)].n}", "1 2", id="MI-12 filter existence"),
        pytest.param("{.x.nums[?(@>3)]}", "4 5", id="MI-12 filter scalars"),
        pytest.param('{range .x.list[*]}{.s}={.n}{"\\n"}{end}', "one=1\ntwo=2\nthree=3\n", id="MI-12 range"),
        pytest.param("{range .x.list[*]}[{.s}]{end}.", "[one][two][three].", id="MI-12 text in a range"),
        pytest.param("{range .x.nested[*]}{range @[*]}{@}{end};{end}", "12;3;", id="MI-12 nested range"),
        pytest.param("{range .x.list[*]}{.s}", "onetwothree", id="MI-12 open range"),
        pytest.param("{range .zz[*]}{.s}{end}{.kind}", "ConfigMap", id="MI-12 empty range"),
        pytest.param("{.zz.yy}", "", id="MI-12 missing keys"),
        pytest.param("{.zz[0]}", "", id="MI-12 index of a missing key"),
        pytest.param("{.metadata.labels}", '{"a.b":"dot","c":"d","e/f":"slash"}', id="MI-12 maps are JSON"),
        pytest.param("{.x.list[2]}", '{"k":null,"n":3,"s":"three"}', id="MI-12 JSON is sorted"),
        pytest.param("{.x.nested}", "[[1,2],[3]]", id="MI-12 lists are JSON"),
        pytest.param("{.data['a','h']}", "1 <b>&", id="MI-12 text is not escaped"),
        pytest.param("{.data}", '{"a":"1","h":"\\u003cb\\u003e\\u0026","q":"it\'s"}', id="MI-12 JSON is"),
        pytest.param("{.x.big} {.x.f} {.x.bigf}", "1000000 1.5 1.23456785e+07", id="MI-12 numbers"),
        pytest.param("{.x.flag} {.x.nil}", "true null", id="MI-12 true and null"),
        pytest.param("{1} {1.5} {true}", "1 1.5 true", id="MI-12 constants"),
        pytest.param(".metadata.name", "x", id="MI-12 a bare path"),
        pytest.param("metadata.name", "x", id="MI-12 a bare path without a dot"),
    ],
)
def test_templates_render(template: str, text: str) -> None:
    assert JSONPath(template).render(OBJ) == text


@pytest.mark.parametrize(
    "template",
    [
        "{.metadata.name", "{end}", "{.x.list[}", "{.x.list[a].s}", "{.x.list[]}", '{"open}', "{!}", "{.x.list[?(@.n].s}",
        "{range .x}{end}{end}",
    ],
)  # fmt: skip
def test_what_is_no_template_is_refused_with_its_place(template: str) -> None:
    with pytest.raises(JSONPathError) as caught:
        JSONPath(template).render(OBJ)
    assert caught.value.position >= 0


@pytest.mark.parametrize(
    ("template", "reason"),
    [
        pytest.param("{.x.nums[100]}", "out of bounds: index 100, length 6", id="MI-12 index"),
        pytest.param("{.x.nums[-100]}", "out of bounds", id="MI-12 negative index"),
        pytest.param("{.x.nums[5:2]}", "starting index 5 is greater than ending index 2", id="MI-12 backwards"),
        pytest.param("{.x.nums[::0]}", "step must be > 0", id="MI-12 step"),
        pytest.param("{.x.nums[::-1]}", "step must be > 0", id="MI-12 negative step"),
        pytest.param("{.metadata.name[0]}", "is not array or slice", id="MI-12 no list"),
    ],
)
def test_what_does_not_fit_the_object_is_refused(template: str, reason: str) -> None:
    with pytest.raises(JSONPathError, match=reason):
        JSONPath(template).render(OBJ)


def test_MI_12_missing_keys_can_be_an_error() -> None:
    with pytest.raises(JSONPathError, match="zz is not found"):
        JSONPath("{.zz}", allow_missing=False).find(OBJ)


def test_values_are_found_as_they_are() -> None:
    assert JSONPath("{.x.list[*].n}").find(OBJ) == [1, 2, 3]
    assert JSONPath("text {.x.nested} {range .x.nums[:2]}{@}{end}").find(OBJ) == [[[1, 2], [3]], 0, 1]


@given(st.lists(st.integers(), max_size=8), st.integers(-9, 9), st.integers(-9, 9), st.integers(1, 4))
def test_MI_12_slices_are_pythons_or_an_error(numbers: list[int], start: int, end: int, step: int) -> None:
    path = JSONPath(f"{{[{start}:{end}:{step}]}}")
    try:
        found = path.find(numbers)
    except JSONPathError:
        return
    low = start + len(numbers) if start < 0 else start
    high = end + len(numbers) if end < 0 else end
    # An end that lies before the list's begin counts as its begin.
    assert found == numbers[max(low, 0) : max(high, 0) : step]


@given(st.text(st.characters(exclude_characters="{}"), max_size=20))
def test_text_around_paths_is_kept(text: str) -> None:
    assert JSONPath(text + "{.kind}" + text).render(OBJ) == f"{text}ConfigMap{text}"


@given(st.text(alphabet=".[]{}()?@$*'\"\\:,=!<>ab1 ", max_size=12))
def test_no_text_makes_the_parser_fall_over(text: str) -> None:
    with contextlib.suppress(JSONPathError):
        JSONPath("{" + text).render(OBJ)


THINGS: dict[str, Any] = {
    "apiVersion": "v1",
    "kind": "Any",
    "metadata": {"name": "n", "labels": {"k": "v"}},
    "things": [
        {
            "kind": "ConfigMap",
            "metadata": {"name": "a"},
            "n": 1,
            "b": True,
            "l": [1, 2],
            "f": 1.5,
            "nul": None,
            "c": [{"name": "p", "v": 1}, {"name": "q"}, {"name": "r", "v": "s"}],
        },
        {"kind": "CM", "metadata": {"name": "b"}, "n": 2, "c": [{"name": "t", "v": 5}]},
    ],
}


@pytest.mark.parametrize(
    "template",
    [
        "{.things[*].metadata.name}",
        "{.things[*]['metadata.name','n']}",
        "{.things[*]['n','kind']}",
        "{.things[*]['kind','missing']}",
        "{range .things[*]}{$.kind}{.metadata.name}{end}",
        "{range .things[*]}{$.metadata.name},{end}",
        '{.things[?(@.n=="a")].metadata.name}',
        "{.things[?(@.n==true)].metadata.name}",
        '{.things[?(@.n>"1")].metadata.name}',
        "{.things[?(@.metadata.name==1)].metadata.name}",
        "{.things[?(@.b==true)].metadata.name}",
        "{.things[?(@.l)].metadata.name}",
        "{.things[?(@.l[5])].metadata.name}",
        "{.things[?(@.n[0])].metadata.name}",
        "{.things[?(@.nul)].metadata.name}",
        "{.things[?(@.f==1)].metadata.name}",
        "{.things[?(@.f==1.5)].metadata.name}",
        "{.things[?(@.n==1.0)].metadata.name}",
        "{.things[*].c[?(@.v==1)].name}",
        "{.things[*].c[?(@.v!=1)].name}",
        "{.things[1].c[?(@.v!=1)].name}",
        "{.things[?(@.l==1)].metadata.name}",
        '{.things[?(@.metadata=="a")].metadata.name}',
        '{.things[?(@.missing=="a")].metadata.name}',
        "{.things[?(@.b<false)].metadata.name}",
        "{.things[?(@.b!=false)].metadata.name}",
        "{.things[?(@.nul==1)].n}",
        '{.things[?("a"==1)].n}',
        '{.things[?("a"=="a")].n}',
        "{.things[*].c[*]['name','v']}",
        "{.things[*].c['name','v']}",
        "{range .things[*]}{range .c[*]}{$.n}{.name}{end}{end}",
        "{range .things[0:1]}{$.things[1].n}{end}",
        '{.things[?($.kind=="Any")].n}',
        "{.things[?(@.c[*].v==1)].n}",
        "{.things[?(@.c[0].v==1)].n}",
        "{.things[0].c[?(@.name==@.name)].name}",
        "{.things[*].c[0,1].name}",
        "{.things[1].c[0,0].name}",
        "{.things[*].c[0,2].name}",
        "{.things[?(@.c[?(@.v==1)])].n}",
        "{.things[?(@.missing)].n}",
        "{.things[?(@.n.x.y)].n}",
        "{.things[?(@..v)].n}",
        "{.things[?(@.kind[0])].n}",
        "{.things[?(@.n<1.5)].n}",
        "{.things[?(@.n>=2)].n}",
        '{.things[?(@.kind<"CN")].n}',
        "{.things[?(@.nul==@.nul)].n}",
        "{.things[?(@.l==@.l)].n}",
        "{.things[?(@.l<@.l)].n}",
        '{.metadata[?(@.name=="n")].labels}',
        '{.things[?(@.n=="1")].n}',
        "{.things[?(1==@.n)].n}",
        "{.things[?(@.b==1)].n}",
        '{.things[?(@.b=="true")].n}',
        "{.things[?(@.metadata==1)].n}",
        '{range .things[*]}{.c[?(@.name=="p")].v}{$.things[0].n} {end}',
        "{range .things[*]}{@.n}{@.n}{end}",
        "{range .things[*].c[*]}{$..v} {end}",
        "{range .things[*]}{range $.c[*]}{.name}{end};{end}",
    ],
)
def test_MI_12_a_template_means_what_it_means_to_kubectl(template: str, kubectl_path: str) -> None:
    done = subprocess.run(
        [kubectl_path, "label", "--local", "--overwrite", "-f", "-", "k=v", "-o", f"jsonpath={template}"],
        input=json.dumps(THINGS),
        env={"KUBECONFIG": "/dev/null"},
        capture_output=True,
        text=True,
        timeout=60,
    )
    if done.returncode:
        with pytest.raises(JSONPathError):
            JSONPath(template).render(THINGS)
    else:
        assert JSONPath(template).render(THINGS) == done.stdout
