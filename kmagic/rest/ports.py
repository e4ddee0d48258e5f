"""The pairs of local ports and ports of a Pod.

Source: k8s.io/client-go/tools/portforward/portforward.go (parsePorts, parseAddresses).
"""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING

import msgspec

from kmagic.errors import ArgumentError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ("PortPair", "name_ports", "parse_addresses", "parse_port", "parse_ports")

_MAX_PORT = 65535


class PortPair(msgspec.Struct, frozen=True):
    """A local port (0: any free one) and the Pod's."""

    local: int
    remote: int


def parse_ports(ports: Iterable[str | int]) -> tuple[PortPair, ...]:
    """Reads several; see `parse_port`.

    Raises:
        ArgumentError: None at all, or one that is no port.
    """
    pairs = tuple(parse_port(port) for port in ports)
    if not pairs:
        raise ArgumentError("you must specify at least 1 port")
    return pairs


def parse_port(port: str | int) -> PortPair:
    """``5000`` (the same on both sides), ``"8888:5000"``, ``":5000"`` and ``"0:5000"`` (any free local port).

    Raises:
        ArgumentError: Not such a text.
    """
    text = str(port)
    parts = text.split(":")
    if len(parts) > 2:
        raise ArgumentError(f"invalid port format '{text}'")
    remote = _number(parts[-1], "remote")
    if remote == 0:
        raise ArgumentError("remote port must be > 0")
    if len(parts) == 1:
        return PortPair(remote, remote)
    return PortPair(_number(parts[0] or "0", "local"), remote)


def name_ports(ports: Iterable[str | int], numbers: Mapping[str, int]) -> tuple[str | int, ...]:
    """Replaces the name of a remote port (``"8443:https"``, ``"https"``) by its number; other texts stay.

    Raises:
        ArgumentError: No port has this name, or the text has more than two parts.
    """

    def named(port: str | int) -> str | int:
        local, colon, remote = str(port).rpartition(":")
        if ":" in local:
            raise ArgumentError(f"invalid port format '{port}'")
        if not remote or remote.lstrip("-").isdecimal():
            return port
        if remote not in numbers:
            raise ArgumentError(f"there is no port named '{remote}', only: {', '.join(numbers) or 'none with a name'}")
        return f"{local}{colon}{numbers[remote]}"

    return tuple(named(port) for port in ports)


def parse_addresses(addresses: Iterable[str], *, allow_remote: bool = False) -> tuple[tuple[str, bool], ...]:
    """Local addresses to listen on, each with whether it must succeed by itself.

    ``localhost`` means 127.0.0.1 and ::1, of which one is enough; an address given as such must work.

    Args:
        addresses: IP addresses and ``localhost``.
        allow_remote: Also those that other machines can reach.

    Raises:
        ArgumentError: None at all, one that is no IP address, or one that others can reach without `allow_remote`.
    """
    found: dict[str, bool] = {}
    for address in addresses:
        if address == "localhost":
            found.setdefault("127.0.0.1", False)
            found.setdefault("::1", False)
            continue
        try:
            parsed = ipaddress.ip_address(address)
        except ValueError:
            raise ArgumentError(f"{address} is not a valid IP") from None
        if not parsed.is_loopback and not allow_remote:
            raise ArgumentError(f"{address} can be reached from other machines: allow_remote=True if they shall")
        found[str(parsed)] = True
    if not found:
        raise ArgumentError("you must specify at least 1 address")
    return tuple(found.items())


def _number(text: str, side: str) -> int:
    if not text.isascii() or not text.isdecimal() or int(text) > _MAX_PORT:
        raise ArgumentError(f"error parsing {side} port '{text}'")
    return int(text)
