"""The generator of the contract table reads numbers from test ids the way people write them."""

from __future__ import annotations

from tests.shape.contracts import FAMILIES, NOT_APPLICABLE, covered, numbers


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


def test_the_inventory_has_its_known_size_and_every_exception_exists() -> None:
    assert len(numbers()) == sum(count for _, count in FAMILIES.values())
    assert set(NOT_APPLICABLE) <= set(numbers())
