"""Base64 as Go reads it."""

from __future__ import annotations

import pytest

from kmagic.api.base64_text import decode_base64


def test_line_breaks_may_stand_anywhere() -> None:
    assert decode_base64("aGVs\r\nbG8=\n") == b"hello"
    assert decode_base64("") == b""


@pytest.mark.parametrize("text", ["aGVs bG8=", "aGVsbG8", "aGVsbG8=aGVsbG8=", "aGVsbG8==", "é", "-_-_", "="])
def test_anything_else_is_refused_without_showing_it(text: str) -> None:
    with pytest.raises(ValueError) as caught:
        decode_base64(text)
    assert len(text) < 2 or text not in str(caught.value)
