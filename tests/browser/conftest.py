"""One Chromium and one JupyterLab for the tests of a module; with a `sandbox` of its own, the Lab's kernels lead to it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from kmagic.sandbox.host.process import SandboxProcess
from tests.browser.harness import Lab, browser, jupyter_lab


@pytest.fixture(scope="module")
def chrome(chromium: str) -> Iterator[Browser]:
    with browser(chromium) as running:
        yield running


@pytest.fixture(scope="module")
def sandbox() -> SandboxProcess | None:
    """None: a module that needs one has a fixture of this name."""
    return None


@pytest.fixture(scope="module")
def lab(chromium: str, sandbox: SandboxProcess | None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    environment = {"KUBECONFIG": str(sandbox.kubeconfig)} if sandbox else {}
    with jupyter_lab(tmp_path_factory.mktemp("lab"), env=environment) as running:
        yield running
