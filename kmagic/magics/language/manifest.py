"""Manifests out of a cell or files: documents that can be sent, or one sentence on the line that is wrong.

Everything is checked before anything is sent: YAML, `apiVersion`, `kind` and a name in every document, and no
object twice. Lines count as the editor counts them: the magic's own line is line 1 of the cell.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from kmagic.api import meta
from kmagic.api.codec import YAMLError, decode_text, load_yaml_documents
from kmagic.api.gvk import GroupVersionKind
from kmagic.api.manifests import objects_of
from kmagic.api.secrecy import mask_in, sensitive, sensitive_name
from kmagic.api.words import nearest
from kmagic.errors import UsageError
from kmagic.magics.language.manifest_keys import fields_of
from kmagic.magics.language.selection import label_selector
from kmagic.magics.language.warning import warn
from kmagic.safety.guard import MASK_WAY_OUT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from kmagic.api.types import JSONObject
    from kmagic.magics.language.grammar import Command

__all__ = (
    "Manifest",
    "Source",
    "keys_at_end",
    "line_of_field",
    "manifests_of",
    "manifests_to_send",
    "object_at_end",
    "read",
    "sources_of",
    "value_at_end",
)

# A text that may hold a secret value: a Secret, also where its kind is misspelt.
_A_SECRET = re.compile(r"\bkind[\"']?\s*:\s*[\"']?Secret\b|\b(?:data|stringData|binaryData)[\"']?\s*:")
# The value of a variable or header stands on another line than its name.
_A_NAME = re.compile(r"\bname[\"']?\s*:\s*[\"']?([\w.-]+)")
_SUFFIXES = (".yaml", ".yml", ".json")


@dataclass(frozen=True)
class Source:
    """A text with manifests: a cell's body or a file.

    Attributes:
        name: "" for the cell, else the file's path.
        first_line: Number of the text's first line in the editor: 2 in a cell, below the magic.
    """

    text: str
    name: str = ""
    first_line: int = 1

    def where(self, line: int) -> str:
        """``line 7`` or ``web.yaml, line 7``, as the editor counts."""
        prefix = f"{self.name}, " if self.name else ""
        return f"{prefix}line {line + self.first_line - 1}"

    def quote(self, line: int, column: int = 0) -> str:
        """The line itself, with a caret under the column; "" where it could show a Secret's data."""
        lines = self.text.split("\n")
        if not 0 < line <= len(lines) or self._may_hold_secrets(lines[line - 1]):
            return ""
        shown = lines[line - 1].replace("\t", "→")
        caret = f"\n{' ' * (column - 1)}^" if column > 0 else ""
        return f"{shown}{caret}"

    def _may_hold_secrets(self, line: str) -> bool:
        if _A_SECRET.search(self.text) or sensitive(line, line):
            return True
        return any(sensitive_name(found[1]) for found in _A_NAME.finditer(self.text))


@dataclass(frozen=True)
class Manifest:
    """One object to send, and where it was written.

    Attributes:
        number: Of the document in its source, counted from 1.
        line: Of its first key in the source, counted from 1.
    """

    obj: JSONObject
    source: Source
    number: int
    line: int

    @property
    def gvk(self) -> GroupVersionKind:
        """Group, version and kind."""
        return GroupVersionKind.of(self.obj)

    @property
    def name(self) -> str:
        """``metadata.name``."""
        return meta.name(self.obj)

    @property
    def namespace(self) -> str:
        """``metadata.namespace``, or ""."""
        return meta.namespace(self.obj)

    @property
    def where(self) -> str:
        """The place of the manifest, for messages."""
        return self.source.where(self.line)


def manifests_to_send(command: Command, *, nameless: bool = False) -> list[Manifest]:
    """As `manifests_of`, for what is stored as it is written.

    Raises:
        UsageError: There are none, or one of them cannot be sent or holds a mask in place of a value.
    """
    found = manifests_of(command, nameless=nameless)
    for source in {each.source for each in found}:
        if (at := mask_in(source.text)) is not None:
            where = source.where(source.text.count("\n", 0, at) + 1)
            raise UsageError(
                f"{where} holds ‹masked …›, which stands for a hidden value and is none", hint=MASK_WAY_OUT
            )
    return found


def manifests_of(command: Command, *, every: bool = False, nameless: bool = False) -> list[Manifest]:
    """The manifests of a command, from its cell and its ``-f`` files, checked; those its ``--selector`` matches.

    Args:
        command: Says where they are.
        every: Also those that the selector does not match: it is for the objects on the server.
        nameless: Also those that leave their name to the server, with ``generateName``.

    What kubectl takes and is probably a mistake is said on standard error, one line each.

    Raises:
        UsageError: There are none, or one of them cannot be sent.
    """
    found = [each for source in sources_of(command) for each in read(source, warn, nameless=nameless)]
    if not found:
        raise command.usage_error(
            "the cell holds no manifest; write YAML below the magic's line, or name files with -f"
        )
    _refuse_twice(found)
    labels = label_selector(command)
    return [each for each in found if every or labels.matches(meta.labels(each.obj))]


def sources_of(command: Command) -> Iterator[Source]:
    """The texts a command names: the cell's body, then each ``-f`` file; a folder stands for its manifests."""
    files = command.values("filename")
    if command.body is not None:
        yield Source(command.body, first_line=2)
    elif not files:
        raise command.usage_error(f"say which file, or use %%{command.verb.magic} with the manifest below it")
    for name in files:
        if name == "-":
            continue
        yield from _files(command, name)


def _files(command: Command, name: str) -> Iterator[Source]:
    if not name:  # pathlib takes it for the current folder
        raise command.usage_error("-f needs the name of a file or folder")
    if name.startswith(("http://", "https://")):
        raise command.usage_error("manifests are read from files, not from the network", at=name)
    path = Path(name).expanduser()
    if path.is_dir():
        inside = path.rglob("*") if command.on("recursive") else path.iterdir()
        paths = sorted(each for each in inside if each.suffix in _SUFFIXES)
        if not paths:
            raise command.usage_error(f"the folder {name} holds no {', '.join(_SUFFIXES)} file", at=name)
    else:
        paths = [path]
    for each in paths:
        try:
            yield Source(decode_text(each.read_bytes()), str(each))
        except OSError as error:
            raise command.usage_error(f"the file {each} cannot be read: {error.strerror}", at=name) from error
        except YAMLError as error:
            raise command.usage_error(f"the file {each} cannot be read: {error.message}", at=name) from error


def read(source: Source, say: Callable[[str], object] = str, *, nameless: bool = False) -> list[Manifest]:
    """Reads one text; a list counts as the objects in it.

    Args:
        source: The text to read.
        say: Takes what is probably a mistake, with its place.
        nameless: Takes objects with ``generateName`` instead of a name, too.

    Raises:
        UsageError: It is not YAML, or a document is no manifest; with line and column.
    """
    try:
        documents = load_yaml_documents(source.text)
    except YAMLError as error:
        raise _yaml_error(source, error) from error
    found: list[Manifest] = []
    for document in documents:
        for line, text in document.warnings:
            say(f"{source.where(line)}: {text}")
        for obj in objects_of(document.obj):
            manifest = Manifest(obj, source, document.index + 1, document.line)
            _check(manifest, len(documents), nameless)
            found.append(manifest)
    return found


def _yaml_error(source: Source, error: YAMLError) -> UsageError:
    reason, number, column = error.reason, error.line, error.column
    lines = source.text.rstrip().split("\n")
    if number > len(lines):
        # The text ended too early: the last line is where to look.
        number, column = len(lines), len(lines[-1]) + 1
    line = lines[number - 1] if number else ""
    if "\t" in line[: len(line) - len(line.lstrip())]:
        reason = "a tab indents this line; YAML is indented with spaces"
    place = f"{source.where(number)}, column {column}" if number else source.name or "the cell"
    return UsageError(f"not valid YAML at {place}: {reason}", hint=source.quote(number, column))


def _check(manifest: Manifest, count: int, nameless: bool) -> None:
    which = (
        f"document {manifest.number} of {count} ({manifest.where})" if count > 1 else f"the manifest ({manifest.where})"
    )
    obj = manifest.obj
    if not isinstance(obj, dict):
        raise UsageError(f"{which} is no object with keys", hint=manifest.source.quote(manifest.line))
    for field, example in (("apiVersion", "apps/v1"), ("kind", "Deployment")):
        value = obj.get(field)
        if not isinstance(value, str) or not value:
            raise UsageError(
                f"{which} has no {field}", hint=f"add a line such as {field}: {example}{_close_key(obj, field)}"
            )
    metadata = obj.get("metadata")
    if not isinstance(metadata, dict) or not metadata.get("name"):
        described = f"{which}, kind {obj['kind']}, has no metadata.name"
        if isinstance(metadata, dict) and metadata.get("generateName"):
            if nameless:
                return
            raise UsageError(described, hint="apply needs a name; generateName works only for creating")
        raise UsageError(described, hint="add\nmetadata:\n  name: …")
    if not isinstance(metadata["name"], str):
        raise UsageError(f"{which}: metadata.name is {metadata['name']!r}, not text; put it in quotes")
    if not isinstance(metadata.get("namespace") or "", str):
        raise UsageError(f"{which}: metadata.namespace is {metadata['namespace']!r}, not text; put it in quotes")


def _close_key(obj: JSONObject, field: str) -> str:
    close = nearest(field, obj, 1)
    return f" (there is {close[0]!r})" if close else ""


def _refuse_twice(manifests: Sequence[Manifest]) -> None:
    seen: dict[tuple[GroupVersionKind, str, str], Manifest] = {}
    for each in manifests:
        key = (each.gvk, each.namespace, each.name)
        if each.name and key in seen:
            raise UsageError(
                f"{each.gvk.kind} {each.name} is written twice: at {seen[key].where} and at {each.where}",
                hint="remove one of them, or give it another name",
            )
        seen[key] = each


def line_of_field(manifest: Manifest, path: str) -> int:
    """The source's line that holds a field, counted from 1; 0 if it is not found.

    Args:
        manifest: The manifest to search.
        path: As servers write it: ``spec.template.spec.containers[0].imagePullPolcy``.
    """
    lines = manifest.source.text.split("\n")
    at, indent, found = manifest.line - 1, -1, 0
    for step in re.findall(r"\[[^\]]*\]|[^.\[\]]+", path):
        if step.startswith("[") and not step[1:-1].isdecimal():
            # [name="web"]: the item's own line.
            key, _, value = step[1:-1].partition("=")
            at, indent = _keyed_item(lines, at, indent, key, value.strip('"'))
        elif step.startswith("["):
            at, indent = _item(lines, at, indent, int(step[1:-1]))
        else:
            at, indent = _key(lines, at, indent, step)
        if at < 0:
            return 0
        found = at + 1
    return found


def _key(lines: list[str], at: int, indent: int, key: str) -> tuple[int, int]:
    """The position and indentation of a key below an indentation, from a line on."""
    pattern = re.compile(rf"(?P<lead>[ ]*(?:- +)*)[\"']?{re.escape(key)}[\"']?\s*:")
    for number in range(at, len(lines)):
        if lines[number].startswith("---") and number > at:
            break
        matched = pattern.match(lines[number])
        if matched and len(matched["lead"]) > indent:
            return number, len(matched["lead"])
    return -1, 0


def _keyed_item(lines: list[str], at: int, indent: int, key: str, value: str) -> tuple[int, int]:
    """The first line of the item whose key has a value; the key need not be the item's first."""
    pattern = re.compile(rf"[- ]*[{{]?.*\b{re.escape(key)}[\"']?\s*:\s*[\"']?{re.escape(value)}\b")
    for number in range(at + 1, len(lines)):
        if pattern.match(lines[number]):
            while number > at and not lines[number].lstrip().startswith("- "):
                number -= 1
            return number - 1, len(lines[number]) - len(lines[number].lstrip())
    return -1, 0


def _item(lines: list[str], at: int, indent: int, index: int) -> tuple[int, int]:
    """The position of a list's item; a list may stand at its key's own indentation."""
    dashes = [
        (number, len(line) - len(line.lstrip()))
        for number, line in enumerate(lines[at + 1 :], at + 1)
        if line.lstrip().startswith("- ") and len(line) - len(line.lstrip()) >= indent
    ]
    if not dashes:
        return -1, 0
    depth = dashes[0][1]
    items = [number for number, lead in dashes if lead == depth]
    return (items[index], depth) if index < len(items) else (-1, 0)


def keys_at_end(body: str) -> tuple[str, ...]:
    """Keys that may be written at the end of a manifest's text; empty where nothing is known."""
    found = object_at_end(body)
    return () if found is None else tuple(fields_of(found[0], ".".join(found[1])))


def object_at_end(body: str) -> tuple[GroupVersionKind, tuple[str, ...]] | None:
    """Returns the place of a key at the end of a manifest's text: the kind as far as written, and the path."""
    *above, line = body.split("\n")
    if ":" in line or line.lstrip().startswith("#"):
        return None
    return _place(above, len(line) - len(line.lstrip("- ")))


def value_at_end(body: str) -> tuple[GroupVersionKind, tuple[str, ...]] | None:
    """Returns the place of a value at the end of a manifest's text: the kind and the field's path."""
    *above, line = body.split("\n")
    found = _VALUE.fullmatch(line)
    if found is None:
        return None
    kind, path = _place(above, len(found["lead"]))
    return kind, (*path, found["key"])


# "  - name: we": blanks and dashes, the key, what is written of the value.
_VALUE = re.compile(r"(?P<lead>[ -]*)(?P<key>[\w./-]+):[ \t]+[\w./-]*")


def _place(above: list[str], indent: int) -> tuple[GroupVersionKind, tuple[str, ...]]:
    """The kind of the document that the last lines belong to, and the path at an indentation below them."""
    start = max((at + 1 for at, each in enumerate(above) if each.startswith("---")), default=0)
    return _kind_written("\n".join(above[start:])), _path_above(above[start:], indent)


def _kind_written(text: str) -> GroupVersionKind:
    """The kind of an unfinished document, as far as it says."""
    found = dict(re.findall(r"(?m)^(apiVersion|kind):[ \t]*[\"']?([\w./-]+)", text))
    group, _, version = found.get("apiVersion", "").rpartition("/")
    return GroupVersionKind(group, version, found.get("kind", ""))


def _path_above(lines: list[str], indent: int) -> tuple[str, ...]:
    """The keys that enclose a line of an indentation, from the outside in."""
    path: list[str] = []
    for line in reversed(lines):
        if line.startswith("---"):
            break
        # `- name: x` writes its key where the key stands, not where the dash does.
        lead = len(line) - len(line.lstrip("- "))
        if line.strip() and lead < indent and not line.lstrip().startswith("#"):
            path.append(line.strip().lstrip("- ").split(":")[0])
            indent = lead
    return tuple(reversed(path))
