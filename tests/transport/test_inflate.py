"""gzip bodies: every member, however it is cut, and never more than a limit."""

from __future__ import annotations

import gzip
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kmagic.errors import DecodeError, ProtocolError
from kmagic.rest.request import Request
from kmagic.transport.inflate import Inflater, inflater_for

GET = Request("GET", "/")


def inflated(data: bytes, cuts: list[int] | None = None) -> bytes:
    inflater = Inflater(GET)
    places = sorted({0, len(data), *(cut % (len(data) + 1) for cut in cuts or [])})
    found = [piece for begin, end in itertools.pairwise(places) for piece in inflater.feed(data[begin:end])]
    inflater.finish()
    return b"".join(found)


@given(st.lists(st.binary(max_size=60), min_size=1, max_size=5), st.lists(st.integers(min_value=0), max_size=5))
def test_members_become_one_body_however_they_are_cut(members: list[bytes], cuts: list[int]) -> None:
    assert inflated(b"".join(map(gzip.compress, members)), cuts) == b"".join(members)


@pytest.mark.parametrize("size", [(1 << 20) - 1, 1 << 20, (1 << 20) + 1, 5 << 20])
def test_a_large_body_comes_whole(size: int) -> None:
    body = bytes(size)
    assert inflated(gzip.compress(body)) == body


def test_a_body_may_grow_to_64_MiB_freely_but_not_without_end() -> None:
    bomb = gzip.compress(bytes(1 << 20)) * 1000  # a GiB in a MiB
    inflater, got = Inflater(GET), 0
    with pytest.raises(ProtocolError, match="200 times larger") as caught:
        for piece in inflater.feed(bomb):
            got += len(piece)
    assert caught.value.request is GET
    assert 1 << 26 <= got < 300 << 20


def test_a_large_list_of_like_objects_is_within_the_limit() -> None:
    item = b'{"metadata":{"name":"web-%07d","labels":{"app":"web"}},"spec":{"containers":[{"image":"nginx"}]}},'
    body = b"".join(item % at for at in range(700_000))
    assert len(body) > 1 << 26
    assert len(inflated(gzip.compress(body, 1))) == len(body)


def test_empty_members_cost_what_they_weigh() -> None:
    assert inflated(gzip.compress(b"") * 20_000 + gzip.compress(b"end")) == b"end"


@pytest.mark.parametrize("cut", [1, 5, 12, 20])
def test_a_body_that_ends_too_early(cut: int) -> None:
    with pytest.raises(DecodeError, match="ends too early"):
        inflated(gzip.compress(b"something")[:-cut])


def test_a_body_of_no_bytes_is_empty() -> None:
    assert inflated(b"") == b""


@given(st.binary(min_size=1, max_size=60))
def test_what_is_no_gzip_is_an_error(data: bytes) -> None:
    with pytest.raises(DecodeError):
        inflated(data)


def test_a_broken_checksum_is_an_error() -> None:
    body = bytearray(gzip.compress(b"something"))
    body[-5] ^= 1
    with pytest.raises(DecodeError, match="broken"):
        inflated(bytes(body))


@pytest.mark.parametrize("encoding", ["", "identity", " Identity "])
def test_what_is_not_compressed_needs_nothing(encoding: str) -> None:
    assert inflater_for(encoding) is None


@pytest.mark.parametrize("encoding", ["gzip", "GZIP", "x-gzip"])
def test_the_encodings_name_has_no_case(encoding: str) -> None:
    assert inflater_for(encoding) is not None


@pytest.mark.parametrize("encoding", ["br", "deflate", "gzip, gzip"])
def test_an_encoding_that_was_not_asked_for_is_an_error(encoding: str) -> None:
    with pytest.raises(DecodeError, match="was not asked for"):
        inflater_for(encoding)
