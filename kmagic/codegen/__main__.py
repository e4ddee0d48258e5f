"""`python -m kmagic.codegen`: the models and typed accessors from the committed snapshot, and models for your CRDs.

fetch --kubeconfig FILE --modules FOLDER         takes a new snapshot of a server's stable APIs; the protobuf numbers
                                come from its Go modules in FOLDER (`go env GOMODCACHE`)
write                           writes every generated file
check                           fails when a generated file is not what write would write
crd FILE... -o MODULE.py        writes the models of CustomResourceDefinitions in YAML or JSON files
crd --kubeconfig FILE [NAME...] -o MODULE.py     the same, read from a server (all of them, or those named)
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import anyio

import kmagic
from kmagic.api.codec import decode_text, load_yaml_documents
from kmagic.client.client import AsyncClient
from kmagic.codegen import accessors, crd, fetch, models, snapshot
from kmagic.config.loader import load_config
from kmagic.errors import KubeError

__all__ = ("generated", "main")

PACKAGE = Path(kmagic.__file__).parent
_CRDS = "customresourcedefinitions.apiextensions.k8s.io"


def generated() -> dict[Path, str]:
    """Every generated file with its content."""
    source = snapshot.load()
    files = {PACKAGE / "models" / f"{name}.py": text for name, text in models.render_modules(source).items()}
    files[PACKAGE / "models" / "__init__.py"] = (
        models.HEADER.format(title="One module a stable group-version of the API", command="write") + "\n__all__ = ()\n"
    )
    files |= {PACKAGE / path: text for path, text in accessors.render_files(source).items()}
    return files


def main(arguments: Sequence[str]) -> int:
    """Runs one command; returns the exit code."""
    options = _parser().parse_args(arguments)
    try:
        match options.command:
            case "fetch":
                anyio.run(fetch.fetch, options.kubeconfig, options.modules)
            case "write":
                for path, text in generated().items():
                    path.write_text(text, encoding="utf-8")
            case "check":
                return _check()
            case "crd":
                Path(options.output).write_text(crd.render_crds(_crds(options), options.version), encoding="utf-8")
    except (KubeError, crd.CRDError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m kmagic.codegen", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    commands = parser.add_subparsers(dest="command", required=True)
    taken = commands.add_parser("fetch")
    taken.add_argument("--kubeconfig", required=True)
    taken.add_argument("--modules", required=True, type=Path, metavar="FOLDER")
    commands.add_parser("write")
    commands.add_parser("check")
    custom = commands.add_parser("crd")
    custom.add_argument("names", nargs="*", metavar="FILE|NAME", help="files, or with --kubeconfig names on the server")
    custom.add_argument("--kubeconfig", help="read from this server instead of files")
    custom.add_argument("--version", default="", help="the version to type; the stored one unless given")
    custom.add_argument("-o", "--output", required=True, help="the module to write")
    return parser


def _check() -> int:
    stale = [
        str(path.relative_to(PACKAGE.parent))
        for path, text in generated().items()
        if not path.is_file() or path.read_text(encoding="utf-8") != text
    ]
    for name in stale:
        print(f"{name} is not what `python -m kmagic.codegen write` writes", file=sys.stderr)
    return 1 if stale else 0


def _crds(options: argparse.Namespace) -> list[dict[str, Any]]:
    if options.kubeconfig:
        return anyio.run(_from_server, options.kubeconfig, options.names)
    found = [
        document.obj
        for name in options.names
        for document in load_yaml_documents(decode_text(Path(name).read_bytes()))
        if isinstance(document.obj, dict) and document.obj.get("kind") == "CustomResourceDefinition"
    ]
    if not found:
        raise crd.CRDError(f"no CustomResourceDefinition in {', '.join(options.names) or 'no file'}")
    return found


async def _from_server(kubeconfig: str, names: list[str]) -> list[dict[str, Any]]:
    async with AsyncClient(config=load_config(kubeconfig)) as client:
        resource = client.resource(_CRDS, namespace=None)
        if names:
            return [await resource.get(name) for name in names]
        return list(await resource.list())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
