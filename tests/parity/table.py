"""The tables of lines: kubectl commands as people type them, one file a verb, with what they need.

A table is text. ``@setup LINE`` is run by kubectl on both sides; ``@file NAME`` begins a file, whose indented lines
follow; ``@objects TYPE…`` says which types' objects are compared after every line; every other line is a command
without ``kubectl``. Below a command, ``! REASON`` says why its text is not kubectl's, and ``~ REASON`` why its words come
in any order. ``{ns}`` is the side's
namespace, ``{dir}`` the folder with the files.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

FOLDER = Path(__file__).parent / "lines"


@dataclass
class Line:
    """One command; `reason` says why its text is not the same, `any_order` that kubectl's words come as they like."""

    text: str
    number: int
    setup: bool = False
    reason: str = ""
    any_order: bool = False


@dataclass
class Table:
    """One file of lines."""

    name: str
    lines: list[Line] = field(default_factory=list)
    files: dict[str, str] = field(default_factory=dict)
    objects: tuple[str, ...] = ()


def read(path: Path) -> Table:
    """Reads a table."""
    table = Table(path.stem)
    file = ""
    for number, text in enumerate(path.read_text().splitlines(), 1):
        if file and (text.startswith("  ") or not text.strip()):
            table.files[file] += f"{text[2:]}\n"
            continue
        file = ""
        if not text.strip() or text.startswith("#"):
            continue
        word, _, rest = text.strip().partition(" ")
        match word:
            case "@file":
                file = rest
                table.files[file] = ""
            case "@objects":
                table.objects = tuple(rest.split())
            case "@setup":
                table.lines.append(Line(rest, number, setup=True))
            case "!":
                table.lines[-1].reason = rest
            case "~":
                table.lines[-1].any_order = True
            case _:
                table.lines.append(Line(text.strip(), number))
    return table


TABLES = [read(path) for path in sorted(FOLDER.glob("*.txt"))]
