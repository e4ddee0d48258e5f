"""The values of magics: kubectl's answer to look at, Python values to work with.

Every result shows itself as ``text/plain`` (what kubectl prints) and ``text/html`` (static, escaped, masked,
capped). Nothing that is shown holds Secret data; the value behind a mask is read on purpose, with ``.value``.
"""

from __future__ import annotations

import base64
import binascii
import importlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, overload

from kmagic.api import meta
from kmagic.api.door import reads_objects
from kmagic.api.meta import LAST_APPLIED
from kmagic.errors import KubeError
from kmagic.magics.results.objects import Objects
from kmagic.magics.results.saved import capped
from kmagic.magics.results.table_text import yaml_of
from kmagic.safety.salt import SALT
from kmagic.views import html
from kmagic.views.masking import mask, mask_object
from kmagic.views.values import Kind

if TYPE_CHECKING:
    import pandas
    from IPython.lib.pretty import RepresentationPrinter

    from kmagic.api.types import JSONObject
    from kmagic.magics.results.table_text import Looks
    from kmagic.rest.resource import APIResource

__all__ = (
    "Fields",
    "Hidden",
    "KAnswer",
    "KExec",
    "KGroup",
    "KList",
    "KMapping",
    "KObject",
    "KText",
    "KValues",
    "data_frame",
    "plain",
)


class Hidden:
    """A value of a Secret: it shows its mask and gives itself only to who asks for `value`.

    Args:
        encoded: As the API has it, in base64.
    """

    __slots__ = ("_encoded",)

    def __init__(self, encoded: str) -> None:
        self._encoded = encoded

    @classmethod
    def of(cls, text: str) -> Hidden:
        """A text, hidden."""
        return cls(base64.b64encode(text.encode()).decode())

    @property
    def value(self) -> str:
        """The value itself. What you print of it is in the notebook."""
        return self.bytes.decode("utf-8", "replace")

    @property
    def bytes(self) -> bytes:
        """The value as bytes."""
        try:
            return base64.b64decode(self._encoded, validate=True)
        except (binascii.Error, ValueError):
            return self._encoded.encode()

    @property
    def encoded(self) -> str:
        """The value as the API has it."""
        return self._encoded

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Hidden) and other._encoded == self._encoded

    def __hash__(self) -> int:
        return hash(self._encoded)

    def __repr__(self) -> str:
        return mask(self.bytes, SALT)


@reads_objects
def _hide(secret: JSONObject) -> JSONObject:
    """A Secret whose values, also those repeated in its last-applied annotation, are hidden."""
    hidden = dict(secret)
    for part in ("data", "stringData"):
        if isinstance(secret.get(part), dict):
            hidden[part] = {key: Hidden(str(value)) for key, value in secret[part].items()}
    metadata = secret.get("metadata") or {}
    notes = metadata.get("annotations") or {}
    if LAST_APPLIED in notes:
        hidden["metadata"] = {**metadata, "annotations": {**notes, LAST_APPLIED: Hidden(notes[LAST_APPLIED])}}
    return hidden


def plain(value: Any) -> Any:
    """The object as plain dicts and lists, hidden values back in place: what may be sent, not shown."""
    if isinstance(value, Hidden):
        return value.encoded
    if isinstance(value, dict):
        return {key: plain(item) for key, item in dict.items(value)}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value


@dataclass(frozen=True, repr=False)
class KExec:
    """The end of a command: ``rc`` (0 is success), ``stdout``, ``stderr``; shown as its output.

    Attributes:
        rc: None where the stream ended before the command said it.
    """

    rc: int | None
    stdout: str
    stderr: str

    def __repr__(self) -> str:
        code = f"exit code {self.rc}" if self.rc else ""
        written = (capped(each.rstrip("\n")) for each in (self.stdout, self.stderr))
        return "\n".join(filter(None, [*written, code]))


def _as_it_is(value: object, printer: RepresentationPrinter, cycle: bool) -> None:
    """Prints a value for IPython, whose own way goes through a long text line by line, for seconds."""
    printer.text(repr(value))


class KText(str):
    """Text that shows itself as it is, without quotes: YAML, JSON, a rendered template."""

    __slots__ = ()

    _repr_pretty_ = _as_it_is

    def __repr__(self) -> str:
        return str(self)

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        return {"text/plain": capped(str(self))}


class KAnswer(KText):
    """An answer to a question: ``yes`` or ``no``, with the reason; true where it is yes."""

    __slots__ = ()

    def __bool__(self) -> bool:
        return self.startswith("yes")


class KValues(list[Any]):
    """Several values, such as names or what a jsonpath found; shown as kubectl prints them."""

    def __init__(self, values: Sequence[Any], shown: str) -> None:
        super().__init__(values)
        self._shown = shown

    _repr_pretty_ = _as_it_is

    def __repr__(self) -> str:
        return self._shown

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        return {"text/plain": capped(self._shown)}


class KMapping(dict[str, Any]):
    """A mapping that a jsonpath found; shown as kubectl prints it."""

    def __init__(self, values: JSONObject, shown: str) -> None:
        super().__init__(values)
        self._shown = shown

    _repr_pretty_ = _as_it_is

    def __repr__(self) -> str:
        return self._shown

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        return {"text/plain": capped(self._shown)}


class Fields(dict[str, Any]):
    """A part of an object, by key or attribute: ``pod["spec"]["nodeName"]`` or ``pod.spec.node_name``."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        for key in (name, _camel(name)):
            if key in self:
                return self[key]
        raise AttributeError(f"no field {name!r}; there are: {', '.join(self)}")

    def __getitem__(self, key: str) -> Any:
        value = super().__getitem__(key)
        wrapped = _wrap(value)
        if wrapped is not value:
            # Kept, so that a change through the attribute is a change of the object.
            super().__setitem__(key, wrapped)
        return wrapped

    def __repr__(self) -> str:
        return dict.__repr__(mask_object(dict(self), SALT))

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *(key for key in self if key.isidentifier())})


def _wrap(value: Any) -> Any:
    if type(value) is dict:
        return Fields(value)
    if type(value) is list:
        return [_wrap(item) for item in value]
    return value


def _camel(name: str) -> str:
    head, *tail = name.split("_")
    return head + "".join(part.capitalize() for part in tail)


class KObject(Fields):
    """One object, whole: a dict with attributes, shown as kubectl shows it.

    Args:
        fields: The object as a dict.
        looks: The table with its row.
        resource: Resource of the object.
    """

    def __init__(self, fields: JSONObject, looks: Looks, resource: APIResource | None = None) -> None:
        super().__init__(_hide(fields) if fields.get("kind") == "Secret" else fields)
        self._looks = looks
        self._resource = resource

    @property
    def name(self) -> str:
        """``metadata.name``."""
        return meta.name(self)

    @property
    def ns(self) -> str:
        """``metadata.namespace``, or ""."""
        return meta.namespace(self)

    @property
    def uid(self) -> str:
        """``metadata.uid``."""
        return meta.uid(self)

    @property
    def rv(self) -> str:
        """``metadata.resourceVersion``."""
        return meta.resource_version(self)

    def yaml(self) -> KText:
        """The object as YAML, without managedFields, masked."""
        return KText(yaml_of(plain(self)))

    _repr_pretty_ = _as_it_is

    def __repr__(self) -> str:
        return self._looks.text

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        return self._looks.bundle()

    def __reduce__(self) -> tuple[type[dict[str, Any]], tuple[dict[str, Any]]]:
        # A copy or pickle is the plain object: looks belong to the answer of one moment.
        return dict, (plain(self),)


# What these say is as of now where the object tells since when; a cell tells only how long it was when it was shown.
_OF_OBJECTS = frozenset((Kind.AGE,))


class KList(Sequence[KObject]):
    """Objects of one type in the server's order, with the columns kubectl shows.

    Of a long list the objects are fetched when they are touched, as they were at its version.

    ``pods[0]``, ``pods["web-0"]``, ``pods["shop/web-0"]``, ``for pod in pods``, ``pods.names``, ``pods.df``.
    """

    def __init__(
        self, items: Sequence[KObject], looks: Looks, resource: APIResource, resource_version: str = ""
    ) -> None:
        self._items: Sequence[KObject] = items if isinstance(items, Objects) else tuple(items)
        self._looks = looks
        self.resource = resource
        self.rv = resource_version

    @overload
    def __getitem__(self, index: int | str) -> KObject: ...
    @overload
    def __getitem__(self, index: slice) -> KList: ...
    def __getitem__(self, index: int | str | slice) -> KObject | KList:
        if isinstance(index, slice):
            return self._only(range(*index.indices(len(self._items))))
        if isinstance(index, str):
            return self._by_key(index)
        return self._items[index]

    def _by_key(self, key: str) -> KObject:
        namespace, slash, name = key.rpartition("/")
        keys = self._keys()
        found = [at for at, each in enumerate(keys) if each[1] == name and (not slash or each[0] == namespace)]
        if len(found) == 1:
            return self._items[found[0]]
        if found:
            raise KeyError(f"{key!r} is in several namespaces: {', '.join(keys[at][0] for at in found)}; say ns/name")
        raise KeyError(f"no {self.resource.singular or self.resource.resource} {key!r} in this list")

    def __len__(self) -> int:
        return len(self._items)

    def __iter__(self) -> Iterator[KObject]:
        return iter(self._items)

    @property
    def names(self) -> list[str]:
        """The objects' names."""
        return [name for _, name in self._keys()]

    def _keys(self) -> list[tuple[str, str]]:
        if isinstance(self._items, Objects):
            return self._items.keys
        return [(item.ns, item.name) for item in self._items]

    def _cells(self, kinds: Iterable[Kind]) -> tuple[list[str], list[list[Any]]]:
        """The cells as data; those of some kinds are told by the objects, which are fetched for them."""
        if isinstance(self._items, Objects) and not _OF_OBJECTS.isdisjoint(kinds):
            self._looks = self._items.completed()
        return self._looks.cells()

    @property
    def df(self) -> pandas.DataFrame:
        """The columns as a pandas DataFrame, one row an object; names in lower case, ``ns`` first, ages as of now.

        Raises:
            KubeError: pandas is not installed.
        """
        kinds = self._looks.kinds()
        columns, rows = self._cells(kinds)
        head = ["ns", *columns] if self.resource.namespaced else columns
        kinds = [Kind.TEXT, *kinds] if self.resource.namespaced else kinds
        body = [
            [key[0], *row] if self.resource.namespaced else row for key, row in zip(self._keys(), rows, strict=True)
        ]
        return data_frame(head, body, kinds)

    def where(self, test: Callable[[KObject], bool] | None = None, **columns: object) -> KList:
        """The objects for which `test` is true and whose columns have these values: ``pods.where(status="Running")``."""
        kinds = self._kinds()
        for name in columns:
            if name not in kinds:
                raise KeyError(f"no column {name!r}; there are: {', '.join(kinds)}")
        names, rows = self._cells(kinds[name] for name in columns)
        wanted = {names.index(name): value for name, value in columns.items()}
        found = [at for at, row in enumerate(rows) if all(row[column] == value for column, value in wanted.items())]
        chosen = self._only(found)
        return chosen if test is None else chosen._only(at for at, item in enumerate(chosen) if test(item))

    def sort(self, key: str | Callable[[KObject], Any], *, reverse: bool = False) -> KList:
        """A copy, sorted by a column's name or a function of the object."""
        if callable(key):
            keys = [key(item) for item in self]
        else:
            kinds = self._kinds()
            if key not in kinds:
                raise KeyError(f"no column {key!r}; there are: {', '.join(kinds)}")
            names, rows = self._cells((kinds[key],))
            keys = [(isinstance(row[names.index(key)], str), row[names.index(key)]) for row in rows]
        return self._only(sorted(range(len(keys)), key=keys.__getitem__, reverse=reverse))

    def _kinds(self) -> dict[str, Kind]:
        return dict(zip(self._looks.columns(), self._looks.kinds(), strict=True))

    def yaml(self) -> KText:
        """All objects as one YAML List, masked."""
        return KText(yaml_of([plain(item) for item in self._items]))

    def _only(self, positions: Iterable[int]) -> KList:
        chosen = list(positions)
        held = self._items
        items = held.only(chosen) if isinstance(held, Objects) else [held[at] for at in chosen]
        return KList(items, self._looks.only(chosen), self.resource, self.rv)

    _repr_pretty_ = _as_it_is

    def __repr__(self) -> str:
        return self._looks.text

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        return self._looks.bundle()


class KGroup(Sequence[KList]):
    """Lists of several types: ``group[0]``, ``group["deployments"]``; shown one below the other, as kubectl does."""

    def __init__(self, lists: Sequence[KList], text: str) -> None:
        self._lists = tuple(lists)
        self._text = text

    @overload
    def __getitem__(self, index: int | str) -> KList: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[KList]: ...
    def __getitem__(self, index: int | str | slice) -> KList | Sequence[KList]:
        if isinstance(index, str):
            for each in self._lists:
                if index in (each.resource.resource, each.resource.full_name, *each.resource.short_names):
                    return each
            raise KeyError(f"no {index!r}; there are: {', '.join(each.resource.resource for each in self._lists)}")
        return self._lists[index]

    def __len__(self) -> int:
        return len(self._lists)

    _repr_pretty_ = _as_it_is

    def __repr__(self) -> str:
        return self._text

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        shown = "".join(each._repr_mimebundle_()["text/html"] for each in self._lists if len(each))
        return {"text/plain": capped(self._text), "text/html": shown or html.pre_html(capped(self._text))}


# What pandas calls them; the second where a cell says nothing.
_DTYPES = {
    Kind.AGE: ("timedelta64[ns]", "timedelta64[ns]"),
    Kind.AGO: ("timedelta64[ns]", "timedelta64[ns]"),
    Kind.DURATION: ("timedelta64[ns]", "timedelta64[ns]"),
    Kind.COUNT: ("int64", "Int64"),
    Kind.NUMBER: ("float64", "float64"),
    Kind.TRUTH: ("bool", "boolean"),
    Kind.WORD: ("category", "category"),
}


def data_frame(columns: Sequence[str], rows: Sequence[Sequence[Any]], kinds: Sequence[Kind] = ()) -> pandas.DataFrame:
    """A pandas DataFrame whose columns have the types of their kinds, also without rows; without kinds they are as pandas finds.

    Raises:
        KubeError: pandas is not installed.
    """
    try:
        frames = importlib.import_module("pandas")
    except ImportError as error:
        raise KubeError("a DataFrame needs pandas, which is not installed", hint="pip install 'kmagic[df]'") from error
    if not kinds:
        return frames.DataFrame(rows, columns=list(columns))
    made = {}
    for at, kind in enumerate(kinds):
        cells = [row[at] for row in rows]
        whole, gaps = _DTYPES.get(kind, (None, None))
        made[at] = frames.Series(cells, dtype=(gaps if None in cells else whole) or object)
    frame = frames.DataFrame(made)
    frame.columns = list(columns)
    return frame
