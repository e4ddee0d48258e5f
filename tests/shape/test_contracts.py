"""The generator of the contract table reads numbers from test ids the way people write them."""

from __future__ import annotations

import re

from tests.shape.contracts import NOT_APPLICABLE, ROOT, covered, numbers, statements


def test_numbers_are_read_from_names_and_parameters() -> None:
    found = covered(
        [
            "tests/cache/test_reflector.py::test_RF_07_first_list_is_from_zero",
            "tests/cache/test_reflector.py::test_list[RF-08 A2 page size]",
            "tests/controller/test_workqueue.py::test_a26_is_not_a_number_here",
            "tests/controller/test_workqueue.py::test_A21_collapse",
        ]
    )
    assert found == {
        "RF-07": ["tests/cache/test_reflector.py"],
        "RF-08": ["tests/cache/test_reflector.py"],
        "A2": ["tests/cache/test_reflector.py"],
        "A21": ["tests/controller/test_workqueue.py"],
    }


def test_every_number_stands_once_on_the_page_in_its_family_and_order() -> None:
    for heading, family in statements().items():
        letters = heading.partition(":")[0]
        form = "{}{}" if letters == "A" else "{}-{:02}"
        assert family == [form.format(letters, n) for n in range(1, len(family) + 1)]
    assert set(NOT_APPLICABLE) <= set(numbers())


def test_every_number_that_code_and_tests_name_is_on_the_page() -> None:
    known = set(numbers())
    families = "|".join(heading.partition(":")[0] for heading in statements() if not heading.startswith("A:"))
    named = re.compile(rf"(?<![A-Za-z0-9])({families})[-_](\d{{2}})(?!\d)")
    for path in (*ROOT.glob("kmagic/**/*.py"), *ROOT.glob("tests/**/*.py"), *ROOT.glob("docs/**/*.md")):
        found = {f"{family}-{n}" for family, n in named.findall(path.read_text(encoding="utf-8"))}
        assert found <= known, f"{path.relative_to(ROOT)}: {found - known}"
