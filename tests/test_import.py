"""`import kmagic` is cheap and its surface is what `__all__` says."""

from __future__ import annotations

import json
import subprocess
import sys

import kmagic


def test_the_surface_is_complete_and_lazy_names_resolve() -> None:
    assert all(getattr(kmagic, name) is not None for name in kmagic.__all__)
    assert dir(kmagic) == sorted(kmagic.__all__)


def test_importing_kmagic_loads_nothing_heavy() -> None:
    code = "import sys, json, kmagic; print(json.dumps(sorted(sys.modules)))"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    modules = set(json.loads(out))
    heavy = {
        "httpx",
        "msgspec",
        "asyncio",
        "anyio",
        "yaml",
        "IPython",
        "anywidget",
        "starlette",
        "kmagic.models.core_v1",
    }
    assert not modules & heavy
