"""Lines cut into tokens as a shell cuts them."""

from __future__ import annotations

import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kmagic.magics.language.tokens import SyntaxFault, option_lines, split


def texts(line: str) -> list[str]:
    return [token.text for token in split(line)]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        pytest.param("pods -n shop", ["pods", "-n", "shop"], id="blanks"),
        pytest.param("-l 'app in (a, b)'", ["-l", "app in (a, b)"], id="single quotes are taken off"),
        pytest.param('-l "a=\\"b\\""', ["-l", 'a="b"'], id="escaped quote inside double quotes"),
        pytest.param('"a\\n"', ["a\\n"], id="a backslash before another letter stays in double quotes"),
        pytest.param("a\\ b", ["a b"], id="escaped blank"),
        pytest.param("pods # all of them", ["pods"], id="comment at the end"),
        pytest.param("a#b '#c'", ["a#b", "#c"], id="a hash inside a word or quotes is no comment"),
        pytest.param("''", [""], id="an empty word"),
        pytest.param("a'b'\"c\"d", ["abcd"], id="pieces join"),
        pytest.param(
            "-o jsonpath={.items[*].metadata.name}", ["-o", "jsonpath={.items[*].metadata.name}"], id="jsonpath"
        ),
        pytest.param("cost=$5 {x} ${y}", ["cost=$5", "{x}", "${y}"], id="dollars and braces stay"),
        pytest.param("-n {{ ns }} x", ["-n", "{{ ns }}", "x"], id="an expression with blanks is one word"),
        pytest.param("{{ 'a b' }}", ["{{ 'a b' }}"], id="quotes inside an expression stay"),
        pytest.param("{{ {'a': {'b': 1}}['a'] }}", ["{{ {'a': {'b': 1}}['a'] }}"], id="braces inside an expression"),
        pytest.param("{{ open", ["{{", "open"], id="never closed: plain text"),
        pytest.param("a \\\n b", ["a", "b"], id="a joined line"),
    ],
)
def test_a_line_is_split_as_a_shell_splits_it(line: str, expected: list[str]) -> None:
    assert texts(line) == expected


@given(st.lists(st.text(st.characters(codec="ascii", exclude_characters="\n\r{}"), max_size=8), max_size=6))
def test_whatever_the_shell_quotes_comes_back(words: list[str]) -> None:
    assert texts(" ".join(shlex.quote(word) for word in words)) == words


def test_tokens_know_where_they_stand() -> None:
    line = "  pods  'a b'"
    assert [line[token.start : token.end] for token in split(line)] == ["pods", "'a b'"]


@pytest.mark.parametrize(
    ("line", "sign"),
    [
        pytest.param("-n $(cat ns)", "$(", id="a substitution"),
        pytest.param('-l "app=$(cat app)"', "$(", id="inside double quotes, where a shell replaces it, too"),
        pytest.param("-n `cat ns`", "`", id="backticks"),
    ],
)
def test_a_shells_substitution_is_refused_by_name(line: str, sign: str) -> None:
    with pytest.raises(SyntaxFault) as caught:
        split(line)
    assert caught.value.message.startswith(f"{sign} runs a command in a shell")
    assert line[caught.value.start : caught.value.end] == sign


def test_single_quotes_keep_a_shells_signs() -> None:
    assert texts("""-p '{"args": ["$(POD_NAME)", "`x`"]}'""") == ["-p", '{"args": ["$(POD_NAME)", "`x`"]}']


def test_only_the_first_lines_of_a_cell_are_options() -> None:
    assert option_lines("#| -n shop\n#| --to x\nkind: Pod\n#| -n other") == ["#| -n shop", "#| --to x"]
