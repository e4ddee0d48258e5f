"""%kconfig: the notebook's view of its kubeconfig; nothing is written, no credential is shown."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from kmagic.errors import ConfigError, UsageError
from tests.magics.conftest import Notebook


def test_credentials_are_left_out(offline: Notebook) -> None:
    text = offline.ok("%kconfig view").text
    assert "token: REDACTED" in text
    assert "t0ken" not in text


def test_the_current_context_is_the_notebooks(offline: Notebook) -> None:
    assert offline.ok("%kconfig current-context").value == "kind-dev"
    ran = offline.ok("%kubectl config use-context acme-prod")
    assert 'Switched to context "acme-prod".' in ran.text
    assert offline.ok("%kconfig current-context").value == "acme-prod"
    assert "current-context: kind-dev" in Path(os.environ["KUBECONFIG"]).read_text()
    assert "*         acme-prod" in offline.ok("%kconfig get-contexts").text
    assert offline.ok("%kconfig view --minify -o jsonpath={.clusters[*].name}").value == "prod"


@pytest.mark.parametrize(
    ("line", "kind", "says"),
    [
        pytest.param("%kconfig use-context nope", ConfigError, 'no context exists with the name: "nope"', id="none"),
        pytest.param("%kconfig get-contexts nope", ConfigError, "context nope not found", id="no such"),
        pytest.param("%kubectl config set-context x", UsageError, "the kubeconfig is never written", id="writes"),
    ],
)
def test_a_mistake_is_one_card(offline: Notebook, line: str, kind: type[Exception], says: str) -> None:
    ran = offline.run(line)
    assert isinstance(ran.error, kind)
    assert says in ran.text
