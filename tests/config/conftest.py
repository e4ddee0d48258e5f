"""A kubeconfig to start from, in a folder of its own."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

Write = Callable[..., Path]


def encoded(text: str) -> str:
    """As kubeconfigs hold data."""
    return base64.b64encode(text.encode()).decode()


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes a kubeconfig with one context; `cluster`, `user` and `context` replace the stanzas' content."""

    def make(
        cluster: Mapping[str, Any] | None = None,
        user: Mapping[str, Any] | None = None,
        context: Mapping[str, Any] | None = None,
        *,
        name: str = "config",
        current: str = "ctx",
    ) -> Path:
        path = tmp_path / name
        path.write_text(
            yaml.safe_dump(
                {
                    "apiVersion": "v1",
                    "kind": "Config",
                    "current-context": current,
                    "clusters": [
                        {
                            "name": "cl",
                            "cluster": {"server": "https://server:6443"} if cluster is None else dict(cluster),
                        }
                    ],
                    "users": [{"name": "us", "user": {"token": "t"} if user is None else dict(user)}],
                    "contexts": [
                        {
                            "name": "ctx",
                            "context": {"cluster": "cl", "user": "us"} if context is None else dict(context),
                        }
                    ],
                }
            )
        )
        return path

    return make
