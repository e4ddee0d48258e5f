"""`python -m kmagic.codegen write | check`: the models and typed accessors from the committed snapshot.

write    writes every generated file
check    fails when a generated file is not what write would write
"""

from __future__ import annotations

import sys
from pathlib import Path

import kmagic
from kmagic.codegen import accessors, models, snapshot

__all__ = ("generated", "main")

PACKAGE = Path(kmagic.__file__).parent


def generated() -> dict[Path, str]:
    """Every generated file with its content."""
    source = snapshot.load()
    files = {PACKAGE / "models" / f"{name}.py": text for name, text in models.render_modules(source).items()}
    files[PACKAGE / "models" / "__init__.py"] = (
        models.HEADER.format(title="One module a stable group-version of the API") + "\n__all__ = ()\n"
    )
    files |= {PACKAGE / path: text for path, text in accessors.render_files(source).items()}
    return files


def main(arguments: list[str]) -> int:
    """Runs one command; returns the exit code."""
    match arguments:
        case ["write"]:
            for path, text in generated().items():
                path.write_text(text, encoding="utf-8")
            return 0
        case ["check"]:
            stale = [
                str(path.relative_to(PACKAGE.parent))
                for path, text in generated().items()
                if not path.is_file() or path.read_text(encoding="utf-8") != text
            ]
            for name in stale:
                print(f"{name} is not what `python -m kmagic.codegen write` writes", file=sys.stderr)
            return 1 if stale else 0
    print(__doc__, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
