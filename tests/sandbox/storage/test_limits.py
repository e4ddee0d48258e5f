"""How big an object may be."""

from typing import Any

import msgspec
import pytest

from kmagic.sandbox.storage.limits import MAX_OBJECT, is_too_big


@pytest.mark.parametrize(
    ("value", "big"),
    [
        ("x" * (MAX_OBJECT + 1), True),
        ("ä" * (MAX_OBJECT // 2 + 1), True),
        ('"' * (MAX_OBJECT - 100), False),  # escapes are not stored
        ("x" * 100, False),
    ],
)
def test_texts_count_and_their_quotes_do_not(value: Any, big: Any) -> None:
    obj = {"data": {"k": value}}
    assert is_too_big(msgspec.json.encode(obj), obj) is big
