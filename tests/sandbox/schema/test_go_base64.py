"""Bytes in JSON; the places are those a real server names."""

from __future__ import annotations

import pytest

from kmagic.sandbox.schema.go_base64 import canonical


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("canary-77aa", 6), ("abc", 0), ("YQ", 0), ("YWJjYQ", 4), ("YQ=", 3), ("YQ==x", 4), ("Y Q=", 1), ("é", 0),
        ("YQ===", 4), ("=", 0), ("Y===", 1), ("YQ=x", 2),
    ],
)  # fmt: skip
def test_what_is_no_base64_is_named_by_its_place(text: str, place: int) -> None:
    with pytest.raises(ValueError, match=rf"^illegal base64 data at input byte {place}$"):
        canonical(text)


@pytest.mark.parametrize(
    ("text", "written"), [("", ""), ("YQ==", "YQ=="), ("YQ==\n", "YQ=="), ("Y\r\nQ==", "YQ=="), ("YR==", "YQ==")]
)
def test_what_go_reads_it_writes_in_one_way(text: str, written: str) -> None:
    assert canonical(text) == written
