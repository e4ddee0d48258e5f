"""The difference of texts, as the diff of this machine prints it."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kmagic.views.unified import unified

LONG = "".join(f"line {number}\n" for number in range(40))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("a\nb\nc\n", "a\nB\nc\n", id="one line changed"),
        pytest.param("", "a\nb\n", id="not there before"),
        pytest.param("a\n", "a\n", id="the same"),
        pytest.param(LONG, LONG.replace("line 3\n", "x\n").replace("line 30\n", ""), id="two hunks"),
        pytest.param(LONG, LONG.replace("line 3\n", "x\n").replace("line 10\n", ""), id="contexts that touch"),
        pytest.param(LONG, LONG.replace("line 3\n", "x\n").replace("line 11\n", ""), id="contexts that do not"),
        pytest.param("- a\n  x\n- b\n  x\n", "- a\n  x\n- c\n  x\n- b\n  x\n", id="an item of a list"),
        pytest.param("k:\n- a\n- a\nz\n", "k:\n- a\n- a\n- a\nz\n", id="one more of the same"),
        pytest.param("a\nb\n", "", id="all gone"),
        pytest.param("x\ny\n", "x\ny\nz\n", id="at the end"),
    ],
)
def test_it_is_what_diff_prints(before: str, after: str, tmp_path: Path) -> None:
    assert unified(before, after) == _by_diff(before, after, tmp_path)


def _by_diff(before: str, after: str, folder: Path) -> list[str]:
    program = shutil.which("diff")
    if program is None:
        pytest.skip("no diff on this machine")
    (folder / "a").write_text(before)
    (folder / "b").write_text(after)
    done = subprocess.run(
        [program, "-u", "-N", "a", "b"], cwd=folder, capture_output=True, text=True, timeout=30, check=False
    )
    return done.stdout.splitlines()[2:]


LINES = st.lists(st.sampled_from(["a", "b", "c", "- x", ""]), max_size=30).map(
    lambda lines: "".join(f"{x}\n" for x in lines)
)


@settings(max_examples=300, deadline=None)
@given(before=LINES, after=LINES)
def test_the_hunks_lead_from_one_text_to_the_other(before: str, after: str) -> None:
    left, made, at = before.splitlines(), [], 0
    for line in unified(before, after):
        if line.startswith("@@"):
            first, _, count = line.split()[1][1:].partition(",")
            begin = int(first) - (count != "0")
            made += left[at:begin]
            at = begin
        elif line[0] == "+":
            made.append(line[1:])
        else:
            assert left[at] == line[1:]
            at += 1
            made += [line[1:]] if line[0] == " " else []
    assert [*made, *left[at:]] == after.splitlines()
