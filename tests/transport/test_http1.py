"""HTTP/1.1 answers come out the same however the bytes arrive."""

from __future__ import annotations

import itertools

import h11
import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kmagic.transport.http1 import BadAnswerError, ResponseParser, joined_headers, request_head

CHUNKED = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
SWITCHING = b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
bodies = st.lists(st.binary(min_size=1, max_size=40), max_size=6)


def chunks(pieces: list[bytes]) -> bytes:
    return b"".join(b"%x\r\n%b\r\n" % (len(p), p) for p in pieces) + b"0\r\n\r\n"


def feed_in(response: ResponseParser, data: bytes, cuts: list[int]) -> bytes:
    """Feeds `data` cut at these places; the body that came out."""
    places = sorted({0, len(data), *(cut % (len(data) + 1) for cut in cuts)})
    found = b""
    for begin, end in itertools.pairwise(places):
        found += b"".join(response.feed(data[begin:end]))
    return found


@given(bodies, st.lists(st.integers(min_value=0)))
def test_a_chunked_body_is_whole_however_it_is_cut(pieces: list[bytes], cuts: list[int]) -> None:
    response = ResponseParser()
    assert feed_in(response, CHUNKED + chunks(pieces), cuts) == b"".join(pieces)
    assert response.done
    assert response.reusable
    assert joined_headers(response.fields)["content-type"] == "application/json"


@given(st.binary(max_size=80), st.lists(st.integers(min_value=0)))
def test_a_body_of_known_length_is_whole_however_it_is_cut(body: bytes, cuts: list[int]) -> None:
    response = ResponseParser()
    assert feed_in(response, b"HTTP/1.1 404 \r\ncontent-length: %d\r\n\r\n%b" % (len(body), body), cuts) == body
    assert (response.status, response.reusable) == (404, True)


@given(bodies, st.lists(st.integers(min_value=0)))
def test_h11_writes_what_is_read_here(pieces: list[bytes], cuts: list[int]) -> None:
    server = h11.Connection(h11.SERVER)
    server.receive_data(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
    server.next_event()
    data = server.send(h11.Response(status_code=200, headers=[("transfer-encoding", "chunked")])) or b""
    data += b"".join(server.send(h11.Data(data=piece)) or b"" for piece in pieces)
    data += server.send(h11.EndOfMessage()) or b""
    assert feed_in(ResponseParser(), data, cuts) == b"".join(pieces)


def test_a_piece_comes_out_as_soon_as_it_is_there() -> None:
    response = ResponseParser()
    response.feed(CHUNKED)
    assert response.feed(b"5\r\nhel") == [b"hel"]
    assert response.feed(b"lo\r\n5\r\nworld") == [b"lo", b"world"]


def test_a_body_without_a_frame_ends_with_the_connection() -> None:
    response = ResponseParser()
    assert response.feed(b"HTTP/1.1 200 OK\r\n\r\nab") == [b"ab"]
    assert not response.done
    response.finish()
    assert response.done
    assert not response.reusable


def test_interim_answers_are_passed_over() -> None:
    response = ResponseParser()
    response.feed(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n")
    assert (response.status, response.done) == (201, True)


def test_after_an_upgrade_the_bytes_come_as_they_are() -> None:
    response = ResponseParser(upgrades=True)
    assert response.feed(SWITCHING + b"\x81\x00") == [b"\x81\x00"]
    assert response.upgraded
    assert response.feed(b"0\r\n\r\n") == [b"0\r\n\r\n"]


@pytest.mark.parametrize(
    ("method", "head"),
    [("HEAD", b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"), ("GET", b"HTTP/1.1 304 Not Modified\r\n\r\n")],
)
def test_answers_without_a_body(method: str, head: bytes) -> None:
    response = ResponseParser(method)
    assert response.feed(head) == []
    assert response.reusable


@pytest.mark.parametrize(
    "head",
    [
        pytest.param(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", id="close"),
        pytest.param(b"HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n", id="1.0"),
        pytest.param(
            b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\nHTTP/1.1 200 OK\r\n", id="an answer nobody asked for"
        ),
    ],
)
def test_a_connection_that_is_not_good_for_another_request(head: bytes) -> None:
    response = ResponseParser()
    response.feed(head)
    assert response.done
    assert not response.reusable


def test_repeated_headers_are_joined() -> None:
    response = ResponseParser()
    response.feed(b'HTTP/1.1 200 OK\r\nWarning: 299 - "a"\r\nWARNING: 299 - "b"\r\nContent-Length: 0\r\n\r\n')
    assert joined_headers(response.fields)["warning"] == '299 - "a", 299 - "b"'


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"SSH-2.0-OpenSSH\r\n\r\n", id="another protocol"),
        pytest.param(b"HTTP/2 200\r\n\r\n", id="another version"),
        pytest.param(b"HTTP/2.0 200 OK\r\n\r\n", id="another version in full"),
        pytest.param(b"HTTP/1.1 abc\r\n\r\n", id="no code"),
        pytest.param(b"HTTP/1.1 099 No\r\n\r\n", id="a code that is none"),
        pytest.param(b"HTTP/1.1 200 OK\r\n folded: x\r\n\r\n", id="a folded header"),
        pytest.param(b"HTTP/1.1 200 OK\r\nA: b\x00\r\n\r\n", id="a header with a zero byte"),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", id="a negative length"),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", id="two lengths"),
        pytest.param(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n", id="two framings"),
        pytest.param(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n", id="an unknown encoding"),
        pytest.param(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", id="one encoding too many"),
        pytest.param(SWITCHING, id="a protocol that was not asked for"),
        pytest.param(CHUNKED + b"0x5\r\nhello\r\n", id="a size that is none"),
        pytest.param(CHUNKED + b"\r\n", id="no size"),
        pytest.param(CHUNKED + b"2\r\nhello\r\n", id="a chunk that is too long"),
        pytest.param(CHUNKED + b"1" * 300, id="a size without an end"),
    ],
)
def test_what_is_no_answer_is_refused(data: bytes) -> None:
    response = ResponseParser()
    with pytest.raises(BadAnswerError):
        response.feed(data)
    assert not response.reusable


def field(at: int, size: int = 0) -> bytes:
    return b"X-%d: %s\r\n" % (at, b"x" * size)


ONE_CHUNK = b"1;%s\r\na\r\n"


@pytest.mark.parametrize("cut", [1 << 18, 1000, 7], ids=["at once", "in pieces", "in crumbs"])
@pytest.mark.parametrize(
    ("data", "why"),
    [
        pytest.param(b"\r\n" * (1 << 17), "no end", id="nothing but empty lines"),
        pytest.param(b"HTTP/1.1 200 " + b"O" * (1 << 17), r"no end|status line", id="a status line"),
        pytest.param(b"HTTP/1.1 200 OK\r\nA: " + b"x" * (1 << 17), "no end", id="a header's value"),
        pytest.param(b"HTTP/1.1 200 OK\r\n" + b"x" * (1 << 17), "no end", id="a header's name"),
        pytest.param(b"HTTP/1.1 200 OK\r\n" + b"".join(map(field, range(502))), "500 headers", id="many headers"),
        pytest.param(
            b"HTTP/1.1 200 OK\r\n" + b"".join(field(at, 9000) for at in range(20)), "too long|no end", id="big headers"
        ),
        pytest.param(b"HTTP/1.1 100 Continue\r\n\r\n" * 11, "interim answer", id="interim answers"),
        pytest.param(
            (b"HTTP/1.1 103 Early Hints\r\n" + field(1, 30_000) + b"\r\n") * 5,
            "too long|no end",
            id="big interim answers",
        ),
        pytest.param(CHUNKED + b"1;" + b"x" * (1 << 15), "too much between", id="a chunk's extension"),
        pytest.param(CHUNKED + ONE_CHUNK % (b"x" * 100) * 1000, "too much between", id="many chunks' extensions"),
        pytest.param(CHUNKED + b"0" * (1 << 15), "too much between", id="a chunk's size"),
        pytest.param(CHUNKED + b"0\r\n" + b"".join(map(field, range(5000))), "too much between", id="many trailers"),
        pytest.param(CHUNKED + b"0\r\nA: " + b"x" * (1 << 15), "too much between", id="a trailer"),
    ],
)
def test_what_costs_more_than_it_says_is_refused(data: bytes, why: str, cut: int) -> None:
    response = ResponseParser()
    with pytest.raises(BadAnswerError, match=why):
        for at in range(0, len(data), cut):
            response.feed(data[at : at + cut])
    assert not response.reusable


def test_small_chunks_are_within_the_limits() -> None:
    response = ResponseParser()
    response.feed(CHUNKED)
    for _ in range(10_000):
        response.feed(b"1\r\na\r\n")
    response.feed(b"0\r\nA-Trailer: x\r\n\r\n")
    assert response.reusable


@pytest.mark.parametrize("cut", [1, 1000])
def test_trailers_are_passed_over(cut: int) -> None:
    response = ResponseParser()
    data = CHUNKED + b"1\r\na\r\n0\r\nGrpc-Status: 0\r\nA: b\r\n\r\n"
    assert feed_in(response, data, list(range(0, len(data), cut))) == b"a"
    assert "grpc-status" not in joined_headers(response.fields)
    assert response.reusable


@pytest.mark.parametrize(
    "data", [b"", b"HTTP/1.1 200", CHUNKED, CHUNKED + b"5\r\nhel", CHUNKED + b"5\r\nhello\r\n", CHUNKED + b"0\r\n"]
)
def test_a_connection_that_ends_too_early(data: bytes) -> None:
    response = ResponseParser()
    response.feed(data)
    with pytest.raises(httpx.RemoteProtocolError, match="closed the connection"):
        response.finish()


def test_the_head_of_a_request() -> None:
    head = request_head("POST", b"/api?a=%20b", [(b"Host", b"h"), (b"X", "ä".encode())])
    assert head == "POST /api?a=%20b HTTP/1.1\r\nHost: h\r\nX: ä\r\n\r\n".encode()


@pytest.mark.parametrize(
    ("target", "header"),
    [("/a b", "x"), ("/ä", "x"), ("/a\x7f", "x"), ("/", "x\r\nEvil: y"), ("/", "x\n"), ("/\r\nA: b", "x")],
)
def test_nothing_slips_into_the_head_of_a_request(target: str, header: str) -> None:
    with pytest.raises(ValueError, match=r"line break|encoded"):
        request_head("GET", target.encode(), [(b"H", header.encode())])
