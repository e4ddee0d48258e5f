"""The base of every generated model: a Struct with Kubernetes' wire names.

What it promises: ``kind`` and ``api_version`` are always filled; ``metadata``, ``spec``, ``status``, lists and maps are
never None on an object that was read; ``null`` on the wire is accepted where Go accepts it; a repr shows what is set
and no Secret data. What it does not do: keep fields it does not know (`kmagic.client.edit` does).

Decoding is strict first, because that is the fast way (10,000 Pods in a third of a second); only an object that is
refused is read again with Go's leniency, which is slow.
"""

from __future__ import annotations

from functools import cache
from typing import Annotated, Any, ClassVar, Self, TypeAlias, TypeVar

import msgspec

from kmagic.api import model_lenient
from kmagic.api.door import UNREADABLE
from kmagic.api.meta import LAST_APPLIED
from kmagic.api.secrecy import sensitive
from kmagic.api.types import JSONObject
from kmagic.errors import DecodeError

__all__ = ("Model", "Quantity", "decode_item", "decode_model")

# A Kubernetes quantity as text ("500m"); a number in a manifest is taken as well, as the server does.
Quantity: TypeAlias = Annotated[str, msgspec.Meta(extra={"format": "quantity"})]


class Model(msgspec.Struct, kw_only=True, omit_defaults=True, rename="camel", gc=False):
    """A Kubernetes object or a part of one.

    gc=False: objects are trees, so the collector need not walk them; do not build a cycle.
    """

    # Wire names of the fields a repr must not show.
    __masked__: ClassVar[tuple[str, ...]] = ()
    # (group, version, plural, namespaced) of a kind that has verbs on the server; () for a part of an object.
    resource_info: ClassVar[tuple[str, str, str, bool] | tuple[()]] = ()

    @classmethod
    def from_dict(cls, data: JSONObject) -> Self:
        """Reads a plain dict with wire names; unknown fields are dropped.

        Raises:
            DecodeError: A value of the wrong type; the message says where.
        """
        return decode_model(cls, msgspec.json.encode(data))

    @classmethod
    def from_json(cls, data: bytes | str) -> Self:
        """Reads JSON; unknown fields are dropped.

        Raises:
            DecodeError: Not JSON, or a value of the wrong type; the message says where.
        """
        return decode_model(cls, data)

    def to_dict(self) -> JSONObject:
        """A plain dict with wire names; what is empty is left out, except structs the server always writes."""
        plain: JSONObject = msgspec.json.decode(msgspec.json.encode(self))
        return plain

    def to_manifest(self) -> JSONObject:
        """Like `to_dict`, without what is empty and never None: what a user would write, and what apply should send."""
        return model_lenient.without_empty(type(self), self.to_dict())

    def to_json(self) -> bytes:
        """The object as JSON with wire names."""
        return msgspec.json.encode(self)

    def __repr__(self) -> str:
        parts = [
            f"{name}={text}"
            for name, wire in zip(self.__struct_fields__, self.__struct_encode_fields__, strict=True)
            if (
                text := _text(getattr(self, name), wire in self.__masked__ or (wire == "value" and _named_secret(self)))
            )
        ]
        return f"{type(self).__name__}({', '.join(parts)})"


M = TypeVar("M", bound=msgspec.Struct)

_check_object = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode


def decode_model(cls: type[M], data: bytes | str) -> M:
    """Reads one object of a model class: strictly, and if that fails with Go's leniency (nulls, bare quantities).

    Raises:
        DecodeError: Not JSON, or a value of the wrong type; the message says where.
    """
    try:
        decoder: msgspec.json.Decoder[M] = _decoder(cls)
        return decoder.decode(data)
    except msgspec.ValidationError:
        return model_lenient.decode(cls, data)
    except UNREADABLE as error:
        if not data:
            raise DecodeError(f"nothing where a {cls.__name__} was expected") from error
        raise DecodeError(f"not the JSON of a {cls.__name__}: {error}") from error


def decode_item(cls: type[M], data: bytes) -> M:
    """Reads one object of a list; JSON that is not whole is left to the caller, who may have cut it in the wrong place.

    Raises:
        msgspec.DecodeError: Not exactly one JSON object.
        DecodeError: A value of the wrong type; the message says where.
    """
    try:
        decoder: msgspec.json.Decoder[M] = _decoder(cls)
        return decoder.decode(data)
    except msgspec.ValidationError:
        _check_object(data)
        return model_lenient.decode(cls, data)


@cache
def _decoder(cls: type[M]) -> msgspec.json.Decoder[M]:
    return msgspec.json.Decoder(cls)


def _text(value: Any, masked: bool) -> str:
    """The repr of a field's value, or "" for one that is not set."""
    if value is None or value == [] or value == {}:
        return ""
    if isinstance(value, msgspec.Raw):
        return f"<{len(bytes(value))} bytes>" if bytes(value) else ""
    if masked:
        return "{" + ", ".join(f"{key!r}: '***'" for key in value) + "}" if isinstance(value, dict) else "'***'"
    if isinstance(value, Model):
        text = repr(value)
        return "" if text == f"{type(value).__name__}()" else text
    if isinstance(value, dict):
        # The annotation repeats the whole object, a Secret's data included.
        shown = {
            key: "..." if key == LAST_APPLIED else "***" if isinstance(item, str) and sensitive(key, item) else item
            for key, item in value.items()
        }
        return repr(shown)
    return repr(value)


def _named_secret(model: Model) -> bool:
    """Returns whether a name and a value, as of a variable or a header, are a credential's."""
    name = getattr(model, "name", None)
    return isinstance(name, str) and sensitive(name, getattr(model, "value", None))
