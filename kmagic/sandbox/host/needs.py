"""The packages of the extra `[sandbox]`: the sandbox needs them, and a client alone does without."""

from __future__ import annotations

import importlib.util

from kmagic.errors import KubeError

__all__ = ("check",)

# The packages of the extra by the modules that they bring.
_PACKAGES = {"re2": "google-re2", "starlette": "starlette", "uvicorn": "uvicorn"}


def check() -> None:
    """Refuses where a package of the extra is missing.

    Raises:
        KubeError: One is; the hint is the line that installs it.
    """
    missing = [package for module, package in _PACKAGES.items() if importlib.util.find_spec(module) is None]
    if missing:
        raise KubeError(
            f"the sandbox needs {', '.join(missing)}, which {'is' if len(missing) == 1 else 'are'} not installed",
            hint="pip install 'kmagic[sandbox]'",
        )
