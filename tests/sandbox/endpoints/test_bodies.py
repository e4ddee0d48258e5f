"""Bodies that Go's decoder takes and a strict one does not."""

from __future__ import annotations

import pytest

from kmagic.sandbox.endpoints.bodies import decode_json


@pytest.mark.parametrize("body", [rb'{"a": "\ud800x"}', b'{"a": "\xffx"}'])
def test_text_that_is_no_unicode_is_read_with_replacement_characters(body: bytes) -> None:
    assert decode_json(body) == {"a": "�x"}


def test_pairs_of_surrogates_are_one_sign() -> None:
    assert decode_json(rb'{"a": "\ud83d\ude00", "b": "\udc00"}') == {"a": "😀", "b": "�"}
