"""The pages of the site that are made: of the notebooks, the doors of the packages, the tree of errors, the table of verbs.

A hook of mkdocs (`mkdocs.yml`). It also leads links that leave docs/ to the page of the site, or to the file on the code
host; a link to neither fails the build.
"""

from __future__ import annotations

import importlib
import inspect
import json
import pkgutil
import posixpath
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import griffe
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

from kmagic import errors
from kmagic.magics.language.registry import KUBECTL, VERBS, help_text
from kmagic.magics.language.verb import Cell, Verb

ROOT = Path(__file__).parents[1]
DOORS = ("api", "cache", "client", "config", "controller", "rest", "testing", "transport")
# What a blocking client hands out.
BLOCKING = (
    "client.Client",
    "resource.Resource",
    "pods.Pods",
    "entry.Entry",
    "object.Object",
    "pager.Pager",
    "discovery.Discovery",
    "discovery.DynamicClient",
    "discovery.MetadataClient",
    "discovery.RESTMapper",
    "scales.Scales",
    "factory.SharedInformerFactory",
    "informers.SharedInformer",
    "controllers.RunningController",
    "elector.Elector",
    "recorder.Recorder",
    "remote.RemoteSession",
    "following.RetryWatcher",
    "following.until_with_sync",
)
# Pages of the site that are files elsewhere in the repository.
_ELSEWHERE = {
    "README.md": "index.md",
    "SECURITY.md": "security.md",
    "CONTRIBUTING.md": "contributing.md",
    "CHANGELOG.md": "changelog.md",
    "notebooks/sandbox.md": "notebooks/sandbox.md",
}
_LINK = re.compile(r"(\]\()([^)#\s]+)((?:#[^)\s]*)?\))")


class Borrowed(griffe.Extension):
    """Gives the blocking side the documentation that it borrows from the async one where Python imports it."""

    def on_class(self, *, cls: griffe.Class, loader: griffe.GriffeLoader, **_: Any) -> None:
        """Reads the docstrings of a class of `kmagic.sync` from the living one."""
        if not cls.path.startswith("kmagic.sync."):
            return
        living = getattr(importlib.import_module(cls.module.path), cls.name)
        for name, member in cls.members.items():
            text = inspect.getdoc(getattr(living, name, None)) if member.is_function and not member.docstring else None
            if text:
                member.docstring = griffe.Docstring(text, parent=member, parser="google")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Adds the pages that are made."""
    for page, text in made_pages():
        files.append(File.generated(config, page, content=text))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, **_: Any) -> str:
    """Leads the links of a page, which fit its place in the repository, to where they are on the site."""
    here = page.file.src_uri
    source = next((path for path, name in _ELSEWHERE.items() if name == here), None)
    source = source or (here.replace(".md", ".ipynb") if here.startswith("notebooks/") else f"docs/{here}")

    def lead(found: re.Match[str]) -> str:
        target = found[2]
        if ":" in target:
            return found[0]
        path = posixpath.normpath(posixpath.join(posixpath.dirname(source), target))
        return f"{found[1]}{_target(path, here, str(config.repo_url)) or target}{found[3]}"

    return _LINK.sub(lead, markdown)


def _target(path: str, here: str, host: str) -> str | None:
    """Returns the address of a file of the repository, for a link on a page of the site; None where there is no such file."""
    name = _ELSEWHERE.get(path)
    if path.startswith("notebooks/") and path.endswith(".ipynb"):
        name = path.replace(".ipynb", ".md")
    elif path.startswith("docs/") and path.endswith(".md"):
        name = path.removeprefix("docs/")
    if name is not None:
        return posixpath.relpath(name, posixpath.dirname(here) or ".")
    return f"{host}/blob/main/{path}" if (ROOT / path).exists() else None


def made_pages() -> Iterator[tuple[str, str]]:
    """The made pages: their names in the site, and their Markdown."""
    for path, name in _ELSEWHERE.items():
        yield name, (ROOT / path).read_text(encoding="utf-8")
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        yield f"notebooks/{path.stem}.md", notebook_page(path)
    yield "reference/magics.md", magics_page()
    yield "reference/errors.md", errors_page()
    yield "reference/models.md", models_page()
    yield "reference/kmagic.md", door_page("kmagic")
    yield "reference/sync.md", sync_page()
    for door in DOORS:
        yield f"reference/{door}.md", door_page(f"kmagic.{door}")


def notebook_page(path: Path) -> str:
    """A notebook as a page: its text, its code and what it showed."""
    parts = []
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            parts.append(source)
            continue
        parts.append(_fenced("python", source))
        for output in cell["outputs"]:
            shown = "".join(output.get("text") or output.get("data", {}).get("text/plain", ""))
            if shown.strip():
                parts.append(_fenced("text", shown))
    return "\n\n".join(parts) + "\n"


def _fenced(language: str, text: str) -> str:
    fence = "`" * max(3, *(len(run) + 1 for run in re.findall("`+", text) or [""]))
    return f"{fence}{language}\n{text.rstrip()}\n{fence}"


def door_page(package: str) -> str:
    """The reference of a package: what its `__all__` offers, from the docstrings."""
    module = importlib.import_module(package)
    homes = {name: home for home, names in module._HOMES.items() for name in names}
    lines = [f"# {package}", "", inspect.getdoc(module) or "", ""]
    for name in sorted(homes):
        value = getattr(module, name)
        if not (inspect.isclass(value) or inspect.isfunction(value)):
            lines += [
                f"## {name} {{ #{package}.{homes[name]}.{name} }}",
                "",
                _fenced("python", f"{name} = {value!r}"),
                "",
            ]
            continue
        lines.append(f"::: {package}.{homes[name]}.{name}")
        lines.append("")
    return "\n".join(lines)


def sync_page() -> str:
    """The reference of the blocking side, which borrows its documentation from the async one."""
    lines = [
        "# kmagic.sync",
        "",
        "What `kmagic.Client` hands out. `kmagic.AsyncClient` has the same names with `await`.",
        "",
    ]
    for name in BLOCKING:
        lines += [f"::: kmagic.sync.{name}", ""]
    return "\n".join(lines)


def models_page() -> str:
    """The list of the generated models, a table a group-version."""
    lines = [
        "# kmagic.models",
        "",
        "Generated from the OpenAPI of Kubernetes. `%kexplain` says what each field means.",
        "",
    ]
    package = importlib.import_module("kmagic.models")
    for info in pkgutil.iter_modules(package.__path__):
        module = importlib.import_module(f"kmagic.models.{info.name}")
        lines += [f"## kmagic.models.{info.name}", "", "| class | fields |", "|---|---|"]
        for name in sorted(module.__all__):
            value = getattr(module, name)
            fields = getattr(value, "__struct_fields__", ())
            lines.append(f"| `{name}` | {' '.join(f'`{field}`' for field in fields)} |")
        lines.append("")
    return "\n".join(lines)


def error_classes() -> list[type[errors.KubeError]]:
    """The errors in the order of their file: parents first."""
    return [value for value in vars(errors).values() if isinstance(value, type) and issubclass(value, errors.KubeError)]


def cause_and_cure(error: type[errors.KubeError]) -> tuple[str, str]:
    """What an error means and what to do, both from its docstring."""
    first, *rest = (inspect.cleandoc(error.__doc__ or "")).split("\n\n")
    cure = next((each.removeprefix("Cure: ") for each in rest if each.startswith("Cure: ")), "")
    return " ".join(first.split()), " ".join(cure.split())


def errors_page() -> str:
    """The catalogue of errors: what each means, and what to do."""
    tree = (inspect.getdoc(errors) or "").split("\n\n")[1]
    lines = ["# kmagic.errors", "", "Every error that kmagic raises, as one tree:", "", _fenced("text", tree), ""]
    lines += ["`kmagic.KubeError` catches all of them. `.hint` has the next step where one is known.", ""]
    lines += ["| error | below | HTTP | what it means | what to do |", "|---|---|---|---|---|"]
    for error in error_classes():
        cause, cure = cause_and_cure(error)
        code = getattr(error, "code", 0) or ""
        parent = error.__bases__[0].__name__
        lines.append(f"| `{error.__name__}` | `{parent}` | {code} | {cause} | {cure[:1].upper()}{cure[1:]} |")
    lines.append("")
    for error in error_classes():
        lines += [f"::: kmagic.errors.{error.__name__}", ""]
    return "\n".join([*lines, "::: kmagic.errors.status_error", ""])


def magics_page() -> str:
    """The reference of the magics, from the table of verbs: what `%kVERB?` prints."""
    lines = ["# Magics", "", "Each as `%kVERB?` prints it. Global flags and kubectl's words hold for all of them.", ""]
    lines += ["| magic | what it does | changes |", "|---|---|---|"]
    rows = [*VERBS.values(), KUBECTL]
    for verb in rows:
        lines.append(f"| [`{verb.prompt}`](#{verb.magic}) | {verb.summary} | {verb.effect.value} |")
    for verb in rows:
        lines += ["", *_verb_section(verb, "##")]
        for action in verb.actions:
            if action.name:
                lines += ["", *_verb_section(action, "###")]
    return "\n".join([*lines, ""])


def _verb_section(verb: Verb, heading: str) -> list[str]:
    names = "line and cell" if verb.cell is Cell.BOTH else verb.cell.value
    return [f"{heading} {verb.magic}", "", f"*{names} magic*", "", _fenced("text", help_text(verb))]
