from __future__ import annotations

import pytest

from kmagic.rest.ports import PortPair, name_ports, parse_addresses, parse_port, parse_ports


@pytest.mark.parametrize(
    ("text", "pair"),
    [
        pytest.param("5000", (5000, 5000), id="PF-01 A39 one"),
        pytest.param(5000, (5000, 5000), id="PF-01 A39 number"),
        pytest.param("8888:5000", (8888, 5000), id="PF-01 A39 two"),
        pytest.param(":5000", (0, 5000), id="PF-01 A39 any"),
        pytest.param("0:5000", (0, 5000), id="PF-01 A39 zero"),
    ],
)
def test_port(text: int | str, pair: tuple[int, ...]) -> None:
    assert parse_port(text) == PortPair(*pair)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("0", "remote port must be > 0", id="PF-01 A39 remote 0"),
        pytest.param("5000:0", "remote port must be > 0", id="PF-01 A39 remote 0 of two"),
        pytest.param("-1", "error parsing remote port '-1'", id="PF-01 A39 negative"),
        pytest.param("65536", "error parsing remote port", id="PF-01 A39 too big"),
        pytest.param("a:5000", "error parsing local port 'a'", id="PF-01 A39 no number"),
        pytest.param("a:b:c", "invalid port format 'a:b:c'", id="PF-01 A39 three"),
        pytest.param("", "error parsing remote port ''", id="PF-01 A39 empty"),
        pytest.param("٥", "error parsing remote port", id="PF-01 A39 other digits"),
    ],
)
def test_bad_port(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        parse_port(text)


def test_PF_01_at_least_one() -> None:
    assert parse_ports(["80", 81]) == (PortPair(80, 80), PortPair(81, 81))
    with pytest.raises(ValueError, match="you must specify at least 1 port"):
        parse_ports([])


@pytest.mark.parametrize(
    ("addresses", "found"),
    [
        pytest.param(["localhost"], (("127.0.0.1", False), ("::1", False)), id="PF-02 A39 localhost"),
        pytest.param(["127.0.0.1"], (("127.0.0.1", True),), id="PF-02 A39 address"),
        pytest.param(["localhost", "127.0.0.1"], (("127.0.0.1", True), ("::1", False)), id="PF-02 A39 both upgrade"),
        pytest.param(["127.0.0.1", "localhost"], (("127.0.0.1", True), ("::1", False)), id="PF-02 A39 both, turned"),
        pytest.param(["::1", "::1"], (("::1", True),), id="PF-02 A39 twice"),
    ],
)
def test_addresses(addresses: list[str], found: tuple[tuple[bool | str, ...] | tuple[str, bool], ...]) -> None:
    assert parse_addresses(addresses) == found


def test_PF_02_bad_addresses() -> None:
    with pytest.raises(ValueError, match="domain is not a valid IP"):
        parse_addresses(["domain"])
    with pytest.raises(ValueError, match="you must specify at least 1 address"):
        parse_addresses([])


@pytest.mark.parametrize("address", ["0.0.0.0", "::", "192.0.2.7"])
def test_addresses_that_others_reach_need_a_word(address: str) -> None:
    with pytest.raises(ValueError, match="can be reached from other machines"):
        parse_addresses(["localhost", address])
    assert parse_addresses([address], allow_remote=True) == ((address, True),)


def test_named_ports() -> None:
    numbers = {"https": 443, "web-ui": 80}
    ports = ("8443:https", ":web-ui", "https", 5000, "1:2", ":3", "-1", "")
    assert name_ports(ports, numbers) == ("8443:443", ":80", "443", 5000, "1:2", ":3", "-1", "")
    with pytest.raises(ValueError, match="there is no port named 'http', only: https, web-ui"):
        name_ports(["http"], numbers)
    with pytest.raises(ValueError, match="invalid port format 'a:b:https'"):
        name_ports(["a:b:https"], numbers)
