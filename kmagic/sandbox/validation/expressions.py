"""CEL: expressions compiled once, and the values of custom resources as expressions see them.

Evaluated by Google's own runtime, loaded at the first expression. Of the functions that Kubernetes adds to CEL, those on
plain values are here; what makes objects of its own (quantities, addresses, versions, URLs) is not.

Source: staging/src/k8s.io/apiserver/pkg/cel, kubernetes v1.37.2.
"""

from __future__ import annotations

import base64
import functools
import ipaddress
import itertools
import json
import re
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from kmagic.api.quantity import Quantity
from kmagic.api.times import format_micro_time, parse_time
from kmagic.sandbox.schema.go_base64 import canonical

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from kmagic.sandbox.schema.schemas import Schema

__all__ = ("ExpressionError", "Program", "UnplayedError", "compiled", "seen")

# Names that only the real server's library knows; an expression with one of them is not judged.
UNPLAYED = re.compile(
    r"undeclared reference to '(?:quantity|url|ip|cidr|semver|isSemver|sets|format|math|lists|authorizer|jsonpatch)\b"
    r"|undeclared reference to '(?:indexOf|lastIndexOf|sort|slice|distinct|reverse|flatten|transform\w*)'"
)
RESERVED = frozenset(
    [
        "true",
        "false",
        "null",
        "in",
        "as",
        "break",
        "const",
        "continue",
        "else",
        "for",
        "function",
        "if",
        "import",
        "let",
        "loop",
        "package",
        "namespace",
        "return",
        "var",
        "void",
        "while",
    ]
)
SIGNS = {"__": "__underscores__", ".": "__dot__", "-": "__dash__", "/": "__slash__"}
DURATION_UNITS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "ns": 1e-9}


class ExpressionError(Exception):
    """An expression cannot be compiled or evaluated; the message is the runtime's."""


class UnplayedError(Exception):
    """An expression is right, and needs a function that the sandbox does not have."""


class Program:
    """A compiled expression over the variables ``self`` and ``oldSelf``.

    Args:
        text: The expression.
        optional: Whether ``oldSelf`` is an optional value.

    Attributes:
        returns: The name of the type of its values: ``BOOL``, ``STRING``, ``DYN``.
        uses_old: Whether the expression looks at ``oldSelf``.

    Raises:
        ExpressionError: The expression is wrong.
        UnplayedError: It needs a function that is not here.
    """

    def __init__(self, text: str, *, optional: bool = False) -> None:
        self._text, self._optional = text, optional
        self.uses_old: bool = re.search(r"\boldSelf\b", re.sub(r"'[^']*'|\"[^\"]*\"", "", text)) is not None
        try:
            self._expression = _environment().compile(self._source())
        except RuntimeError as error:
            why = str(error).partition(": ")[2].removesuffix(" [INVALID_ARGUMENT]")
            raise (UnplayedError if UNPLAYED.search(why) else ExpressionError)(why) from None
        self.returns: str = self._expression.return_type().name()

    def _source(self, value: str = "", old: str = "oldSelf") -> str:
        text = f"({self._text})"
        if self._optional:
            text = f"cel.bind(oldSelf, known ? optional.of({old}) : optional.none(), {text})"
        elif value:
            text = f"cel.bind(oldSelf, {old}, {text})"
        return f"cel.bind(self, {value}, {text})" if value else text if self._optional else self._text

    def evaluate(self, value: Any, old: Any = None, *, known: bool = False) -> Any:
        """The expression's value.

        Args:
            value: Value of ``self``.
            old: Value of ``oldSelf``.
            known: Whether there is an old value.

        Raises:
            ExpressionError: It has none: a missing key, a division by zero.
        """
        if _holds_times(value) or _holds_times(old):
            # the runtime takes no times inside of maps and lists: they are written into the expression
            expression = _environment().compile(self._source(_literal(value), _literal(old)))
            found = expression.eval(data={"known": known})
        else:
            found = self._expression.eval(data={"self": value, "oldSelf": old, "known": known})
        plain = found.plain_value()
        if found.type().name() == "ERROR":
            raise ExpressionError(_as_go(str(plain)))
        return plain


def compiled(text: str, *, optional: bool = False) -> Program:
    """The program of an expression, compiled once.

    Raises:
        ExpressionError: The expression is wrong.
        UnplayedError: It needs a function that is not here.
    """
    return _compiled(text, optional)


@functools.lru_cache(maxsize=1024)
def _compiled(text: str, optional: bool) -> Program:  # the key of the cache
    return Program(text, optional=optional)


def seen(value: Any, schema: Schema, *, root: bool = False) -> Any:
    """A value as expressions see it: fields that the schema names, with types by their formats.

    Args:
        value: Value of a custom resource.
        schema: Its structural schema.
        root: Whether it is a whole object, whose kind and names can be seen.
    """
    if isinstance(value, dict):
        return _object(value, schema, root=root or bool(schema.get("x-kubernetes-embedded-resource")))
    if isinstance(value, list):
        items = schema.get("items") or {}
        return [seen(item, items) for item in value]
    if isinstance(value, str):
        return _text(value, schema.get("format", ""))
    if isinstance(value, int) and not isinstance(value, bool) and schema.get("type") == "number":
        return float(value)
    return value


def _object(value: Mapping[str, Any], schema: Schema, *, root: bool) -> dict[str, Any]:
    properties = schema.get("properties") or {}
    extra = schema.get("additionalProperties")
    if isinstance(extra, dict):
        return {name: seen(item, extra) for name, item in value.items()}
    found = {_escaped(name): seen(value[name], child) for name, child in properties.items() if name in value}
    if root:
        names = value.get("metadata") or {}
        found |= {name: value[name] for name in ("apiVersion", "kind") if name in value}
        found["metadata"] = {name: names[name] for name in ("name", "generateName") if name in names}
    return found


def _escaped(name: str) -> str:
    if name in RESERVED:
        return f"__{name}__"
    return re.sub(r"__|[.\-/]", lambda sign: SIGNS[sign[0]], name)


def _text(value: str, kind: str) -> Any:
    try:
        match kind:
            case "date-time":
                return parse_time(value)
            case "date":
                return parse_time(f"{value}T00:00:00Z")
            case "duration":
                return _duration(value)
            case "byte":
                return base64.b64decode(canonical(value))
    except ValueError:
        return value
    return value


def _duration(text: str) -> Any:
    parts = re.findall(r"([0-9.]+)(h|ms|us|µs|ns|m|s)", text)
    if "".join(number + unit for number, unit in parts) != text.lstrip("+-"):
        return text
    seconds = sum(float(number) * DURATION_UNITS[unit] for number, unit in parts)
    return timedelta(seconds=-seconds if text.startswith("-") else seconds)


def _holds_times(value: Any) -> bool:
    if isinstance(value, dict):
        return any(map(_holds_times, value.values()))
    if isinstance(value, list):
        return any(map(_holds_times, value))
    return isinstance(value, datetime | timedelta)


def _literal(value: Any) -> str:
    """A value as an expression, of no type that the compiler would compare with another."""
    return f"dyn({_written(value)})"


def _written(value: Any) -> str:
    match value:
        case dict():
            return "{" + ", ".join(f"{_written(name)}: {_written(item)}" for name, item in value.items()) + "}"
        case list():
            return "[" + ", ".join(map(_written, value)) + "]"
        case bytes():
            return "b'" + "".join(f"\\x{byte:02x}" for byte in value) + "'"
        case datetime():
            return f"timestamp({_written(format_micro_time(value))})"
        case timedelta():
            return f"duration('{value.total_seconds():f}s')"
    return json.dumps(value, ensure_ascii=False)


# The runtime in C++ and the one in Go say the same in other words.
_WORDS = (
    (re.compile(r'^NOT_FOUND: Key not found in map : "?(.*?)"?$'), r"no such key: \1"),
    (re.compile(r"^INVALID_ARGUMENT: divide by zero$"), "division by zero"),
    (re.compile(r"^INVALID_ARGUMENT: modulus by zero$"), "modulus by zero"),
    (re.compile(r"^UNKNOWN: Index error: index=(\d+) size=\d+$"), r"index out of bounds: \1"),
    (re.compile(r"^UNKNOWN: No matching overloads found : .*$"), "no such overload"),
    (re.compile(r"^OUT_OF_RANGE: "), ""),
)


def _as_go(message: str) -> str:
    for pattern, words in _WORDS:
        message = pattern.sub(words, message)
    return message


@functools.cache
def _environment() -> Any:
    """The environment of all expressions; its 30 MB are loaded when the first one comes."""
    try:
        from cel_expr_python import cel
        from cel_expr_python.ext import ext_bindings, ext_optional, ext_strings
    except ImportError:
        raise UnplayedError("cel-expr-python is not installed: pip install 'kmagic[sandbox]'") from None

    kinds = cel.Type
    text, truth, whole, anything = kinds.STRING, kinds.BOOL, kinds.INT, kinds.DYN
    several = kinds.List(anything)
    functions = [
        _function(
            cel, "find", (text, text), text, lambda value, pattern: _found(pattern, value)[:1] or [""], first=True
        ),
        _function(cel, "findAll", (text, text), kinds.List(text), lambda value, pattern: _found(pattern, value)),
        _function(cel, "findAll", (text, text, whole), kinds.List(text), _found_some),
        _function(cel, "isURL", (text,), truth, _is_url, member=False),
        _function(cel, "isIP", (text,), truth, _parses(ipaddress.ip_address), member=False),
        _function(cel, "isCIDR", (text,), truth, _parses(ipaddress.ip_interface), member=False),
        _function(cel, "isQuantity", (text,), truth, _parses(Quantity), member=False),
        _function(cel, "sum", (several,), anything, lambda values: sum(map(_plain, values))),
        _function(cel, "min", (several,), anything, lambda values: min(map(_plain, values))),
        _function(cel, "max", (several,), anything, lambda values: max(map(_plain, values))),
        _function(cel, "isSorted", (several,), truth, _is_sorted),
    ]
    return cel.NewEnv(
        variables={"self": anything, "oldSelf": anything, "known": truth},
        extensions=[ext_strings.ExtStrings(), ext_optional.ExtOptional(), ext_bindings.ExtBindings()],
        functions=_merged(cel, functions),
    )


def _function(
    cel: Any,
    name: str,
    parameters: tuple[Any, ...],
    returns: Any,
    run: Callable[..., Any],
    *,
    member: bool = True,
    first: bool = False,
) -> tuple[str, Any]:
    def called(*values: Any) -> Any:
        found = run(*values)
        return found[0] if first else found

    return name, cel.Overload(f"{name}_{len(parameters)}", returns, list(parameters), member, called)


def _merged(cel: Any, functions: list[tuple[str, Any]]) -> list[Any]:
    named: dict[str, list[Any]] = {}
    for name, overload in functions:
        named.setdefault(name, []).append(overload)
    return [cel.FunctionDecl(name, overloads) for name, overloads in named.items()]


def _found(pattern: str, value: str) -> list[str]:
    import re2  # the pattern is a stranger's: linear in time, as Go's

    return [match.group(0) for match in re2.finditer(pattern, value)]


def _found_some(value: str, pattern: str, most: int) -> list[str]:
    found = _found(pattern, value)
    return found if most < 0 else found[:most]


def _is_url(value: str) -> bool:
    try:
        parts = urlsplit(value)
    except ValueError:
        return False
    return bool(parts.scheme and parts.netloc) or value.startswith("/")


def _parses(read: Callable[[str], Any]) -> Callable[[str], bool]:
    def parses(value: str) -> bool:
        try:
            read(value)
        except ValueError:
            return False
        return True

    return parses


def _plain(value: Any) -> Any:
    return value.plain_value() if hasattr(value, "plain_value") else value


def _is_sorted(values: list[Any]) -> bool:
    plain = [_plain(value) for value in values]
    return all(before <= after for before, after in itertools.pairwise(plain))
