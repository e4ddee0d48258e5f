# pyright: strict
"""Applies a folder and says what came of it."""

from __future__ import annotations

from pathlib import Path

import kmagic
from kmagic.errors import ManifestsError


def deploy(client: kmagic.Client, folder: Path) -> bool:
    try:
        results = client.apply(folder, namespace="shop", field_manager="deploy")
    except ManifestsError as error:
        for result in error.results:
            print(result.action, result.error)
        return False
    for result in results:
        print(result.action, kmagic.load(folder)[0]["kind"])
    client.core_v1.pods("shop").patch("web-0", [{"op": "remove", "path": "/metadata/labels/a"}], type="json")
    client.apps_v1.deployments("shop").delete("old", propagation="Foreground")
    return True
