"""The causes rules give, and the rules about plain values: numbers, ports, quantities, addresses, shares.

Source: staging/src/k8s.io/apimachinery/pkg/util/validation, pkg/apis/core/validation/validation.go, kubernetes v1.37.2.
"""

from __future__ import annotations

import ipaddress
import re
from typing import TYPE_CHECKING, Any

import msgspec

from kmagic.api.quantity import Quantity
from kmagic.api.types import JSONObject
from kmagic.sandbox.status import Cause

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = (
    "address",
    "any_port",
    "choice",
    "duplicate",
    "forbidden",
    "go_value",
    "network",
    "not_found",
    "not_negative",
    "port_name",
    "port_number",
    "quantity",
    "required",
    "share",
    "share_of_all",
    "share_size",
    "too_long",
    "unsupported",
    "wrong",
)

NOT_NEGATIVE = "must be greater than or equal to 0"
LAST_PORT, PORT_NAME_LENGTH = 65_535, 15
PERCENT = re.compile(r"[0-9]+%")
PERCENT_RULE = (
    "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for "
    "validation is '[0-9]+%')"
)


def go_value(value: Any) -> str:
    """A value as messages show it."""
    return msgspec.json.encode(value).decode()


def required(field: str, why: str = "") -> Cause:
    """A field is missing."""
    return Cause("FieldValueRequired", field, "Required value" + (f": {why}" if why else ""))


def wrong(field: str, value: Any, why: str) -> Cause:
    """A value is not allowed."""
    return Cause("FieldValueInvalid", field, f"Invalid value: {go_value(value)}: {why}")


def unsupported(field: str, value: Any, allowed: Iterable[str]) -> Cause:
    """A value is none of a fixed set, which is shown in the order given."""
    words = ", ".join(f'"{word}"' for word in allowed)
    return Cause("FieldValueNotSupported", field, f"Unsupported value: {go_value(value)}: supported values: {words}")


def forbidden(field: str, why: str) -> Cause:
    """A field may not be there, or may not change."""
    return Cause("FieldValueForbidden", field, f"Forbidden: {why}")


def duplicate(field: str, value: Any) -> Cause:
    """A value is there twice."""
    return Cause("FieldValueDuplicate", field, f"Duplicate value: {go_value(value)}")


def too_long(field: str, most: int) -> Cause:
    """A text, or all of several, has more bytes than it may."""
    return Cause("FieldValueTooLong", field, f"Too long: may not be more than {most} bytes")


def not_found(field: str, value: Any) -> Cause:
    """A value names nothing that is there."""
    return Cause("FieldValueNotFound", field, f"Not found: {go_value(value)}")


def not_negative(holder: JSONObject, field: str, *names: str) -> Iterator[Cause]:
    """Numbers of ``holder``, which is at ``field``, are zero or more where they are set."""
    for name in names:
        if (holder.get(name) or 0) < 0:
            yield wrong(f"{field}.{name}", holder[name], NOT_NEGATIVE)


def choice(holder: JSONObject, field: str, name: str, allowed: Iterable[str]) -> Iterator[Cause]:
    """A word of ``holder`` is one of a fixed set; absent or empty is a cause too."""
    value = holder.get(name)
    if not value:
        yield required(f"{field}.{name}")
    elif value not in allowed:
        yield unsupported(f"{field}.{name}", value, allowed)


def port_number(field: str, number: int) -> Iterator[Cause]:
    """A port is a number there are ports for."""
    if not 0 < number <= LAST_PORT:
        yield wrong(field, number, f"must be between 1 and {LAST_PORT}, inclusive")


def any_port(field: str, value: Any) -> Iterator[Cause]:
    """A port by number or by name."""
    if isinstance(value, str):
        yield from port_name(field, value)
    else:
        yield from port_number(field, value or 0)


def port_name(field: str, name: str) -> Iterator[Cause]:
    """A port's name is a service name as IANA gives them."""
    if len(name) > PORT_NAME_LENGTH:
        yield wrong(field, name, f"must be no more than {PORT_NAME_LENGTH} characters")
    if not re.fullmatch(r"[-a-z0-9]+", name):
        yield wrong(field, name, "must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)")
    if not re.search(r"[a-z]", name):
        yield wrong(field, name, "must contain at least one letter (a-z)")
    if "--" in name:
        yield wrong(field, name, "must not contain consecutive hyphens")
    if name.startswith("-") or name.endswith("-"):
        yield wrong(field, name, "must not begin or end with a hyphen")


def quantity(field: str, text: Any, *, positive: bool = False, whole: bool = False) -> Iterator[Cause]:
    """An amount is not negative, or more than zero where it has to be, or a whole number."""
    try:
        amount = Quantity(text)
    except ValueError:
        return  # reading the object refuses it
    if positive and amount.value <= 0:
        yield wrong(field, str(amount), "must be greater than zero")
    elif amount.value < 0:
        yield wrong(field, str(amount), NOT_NEGATIVE)
    elif whole and amount.millis % 1000:
        yield wrong(field, str(amount), "must be an integer")


def share(field: str, value: Any) -> Iterator[Cause]:
    """A count or a percentage."""
    if isinstance(value, str):
        if not PERCENT.fullmatch(value):
            yield wrong(field, value, PERCENT_RULE)
    elif value < 0:
        yield wrong(field, value, NOT_NEGATIVE)


def share_of_all(field: str, value: Any) -> Iterator[Cause]:
    """A percentage is not more than everything."""
    if isinstance(value, str) and share_size(value) > 100:
        yield wrong(field, value, "must not be greater than 100%")


def share_size(value: Any) -> int:
    """The number in a count or a percentage, 0 for what is neither."""
    if isinstance(value, str):
        return int(value[:-1]) if PERCENT.fullmatch(value) else 0
    return int(value or 0)


def address(field: str, text: str) -> Iterator[Cause]:
    """An IP address of either family."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        yield wrong(field, text, "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)")


def network(field: str, text: str) -> Iterator[Cause]:
    """A block of addresses of either family."""
    try:
        whole = "/" in text and ipaddress.ip_network(text, strict=False) is not None
    except ValueError:
        whole = False
    if not whole:
        yield wrong(field, text, "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)")
