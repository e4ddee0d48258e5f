"""The rules for what is secret, and values that do not show themselves.

A traceback with the values of variables (``%xmode Verbose``), a log line, a repr in a notebook: each shows what it is
given. So a credential is a `SecretText` or `SecretBytes` from the line that reads it to the line that writes it to a
socket or a file. They are text and bytes as any other, equal to the plain ones, but their repr, their text and what a
format string makes of them say only that something is hidden; `reveal` gives the plain value.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, overload
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from typing_extensions import Buffer

__all__ = (
    "HIDDEN",
    "KUBECONFIG_FIELDS",
    "SECRET_HEADERS",
    "SecretBytes",
    "SecretText",
    "hidden",
    "hide_fields",
    "mask_in",
    "redacted_url",
    "reveal",
    "revealed",
    "sensitive",
    "sensitive_name",
)

HIDDEN = "‹hidden›"

# Of requests and answers, in lower case.
SECRET_HEADERS = frozenset(("authorization", "proxy-authorization", "cookie", "set-cookie"))

# Of a kubeconfig's users, those of their auth providers and of their plugins' environments among them.
KUBECONFIG_FIELDS = frozenset(
    (
        "access-token",
        "client-certificate-data",
        "client-key-data",
        "client-secret",
        "id-token",
        "password",
        "refresh-token",
        "token",
    )
)
_WHOLE_FIELDS = KUBECONFIG_FIELDS | {"args", "env"}

# Names of variables and keys of which the values likely are credentials.
_SENSITIVE = re.compile(
    r"(?i:pass|token|secret|credential|private|authorization|cookie|api[-_.]?key|(?<!public)[-_.]key$|^key$)|(?<=[a-z])(?<!ublic)Key$"
)
# What stands for a secret value where objects are shown, also as JSON that is ASCII has it.
_MASK = re.compile(r"(?:‹|\\u2039)masked \d+ B #[0-9a-f]{4}")
_URL_PASSWORD = re.compile(r"://[^/\s:@]*:[^/\s@]+@")


def mask_in(text: str | bytes) -> int | None:
    """Returns where a mask stands in a text, which must never be sent as the value it hides; None without one."""
    if isinstance(text, bytes):
        if b"masked " not in text:
            return None
        text = text.decode("utf-8", "replace")
    found = _MASK.search(text)
    return found.start() if found else None


class _Hidden:
    """A value of which every form for people is the same words."""

    __slots__ = ()

    def __repr__(self) -> str:
        return HIDDEN

    def __str__(self) -> str:
        return HIDDEN

    def __format__(self, spec: str) -> str:
        return HIDDEN


class SecretText(_Hidden, str):
    """Text that does not show itself."""

    __slots__ = ()

    def __new__(cls, text: str) -> SecretText:
        """The same text, hidden."""
        # str() of one that is hidden already would be the words that say so.
        return str.__new__(cls, reveal(text))

    def reveal(self) -> str:
        """The plain text."""
        return str.__str__(self)

    def encode(self, encoding: str = "utf-8", errors: str = "strict") -> SecretBytes:
        """The same as bytes that do not show themselves."""
        return SecretBytes(str.encode(self, encoding, errors))

    def __add__(self, other: str) -> SecretText:
        return SecretText(str.__add__(self, other))

    def __radd__(self, other: str) -> SecretText:
        return SecretText(str.__add__(other, self))

    def strip(self, chars: str | None = None, /) -> SecretText:
        """The same without what is around it."""
        return SecretText(str.strip(self, chars))


class SecretBytes(_Hidden, bytes):
    """Bytes that do not show themselves."""

    __slots__ = ()

    def reveal(self) -> bytes:
        """The plain bytes."""
        return bytes(self)

    def __add__(self, other: Buffer) -> SecretBytes:
        return SecretBytes(bytes.__add__(self, other))

    def __radd__(self, other: bytes) -> SecretBytes:
        # The standard library joins names and values of an environment so.
        return SecretBytes(bytes.__add__(other, self))


class _SecretNumber(_Hidden, float):
    """A number that does not show itself, in place of a credential without quotes; nothing counts with it."""

    __slots__ = ("_plain",)
    _plain: float

    @classmethod
    def of(cls, number: float) -> _SecretNumber:
        hides = cls()
        hides._plain = number
        return hides

    def reveal(self) -> float:
        return self._plain


@overload
def hidden(value: str) -> SecretText: ...
@overload
def hidden(value: bytes) -> SecretBytes: ...
@overload
def hidden(value: None) -> None: ...
def hidden(value: str | bytes | None) -> SecretText | SecretBytes | None:
    """The value as one that does not show itself; None stays."""
    if value is None or isinstance(value, SecretText | SecretBytes):
        return value
    return SecretText(value) if isinstance(value, str) else SecretBytes(value)


def hide_fields(value: Any) -> Any:
    """Data of a kubeconfig, its secrets and addresses with a password hidden; all of it where it is no mapping."""
    return _hide(value, whole=not isinstance(value, Mapping))


def _hide(value: Any, *, whole: bool) -> Any:
    if isinstance(value, Mapping):
        return {
            key: _hide(item, whole=(whole and key != "name") or key in _WHOLE_FIELDS) for key, item in value.items()
        }
    if isinstance(value, list):
        return [_hide(item, whole=whole) for item in value]
    if isinstance(value, str):
        return SecretText(value) if whole or _URL_PASSWORD.search(value) else value
    # A token of digits without quotes; it is refused by its type, which stays.
    return _SecretNumber.of(value) if whole and type(value) in (int, float) else value


def reveal(text: str) -> str:
    """The plain text of one that may be hidden."""
    return text.reveal() if isinstance(text, SecretText) else text


def revealed(value: Any) -> Any:
    """Plain data with nothing hidden, to be written where it belongs."""
    if isinstance(value, Mapping):
        return {reveal(key): revealed(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [revealed(item) for item in value]
    return value.reveal() if isinstance(value, SecretText | SecretBytes | _SecretNumber) else value


def redacted_url(url: str) -> str:
    """A URL that may be shown: without its password."""
    try:
        parts = urlsplit(reveal(url))
        password = parts.password
    except ValueError:
        return HIDDEN
    if password is None:
        return parts.geturl() if "@" not in parts.path else HIDDEN
    user, _, host = parts.netloc.rpartition("@")
    return parts._replace(netloc=f"{user.partition(':')[0]}:{HIDDEN}@{host}").geturl()


def sensitive_name(name: str) -> bool:
    """Returns whether a key or variable by this name likely holds a credential."""
    return _SENSITIVE.search(name) is not None


def sensitive(name: str, value: object) -> bool:
    """Returns whether a value likely is a credential, by the name it stands under or a password in a URL in it."""
    return sensitive_name(name) or (isinstance(value, str) and _URL_PASSWORD.search(value) is not None)
