"""A verb or flag of kubectl's that is not here is answered with the reason."""

from __future__ import annotations

import pytest

from kmagic.errors import UsageError
from kmagic.magics.language.left_out import reason_for_flag, reason_for_verb
from kmagic.magics.language.registry import kubectl_command


@pytest.mark.parametrize(
    ("line", "says"),
    [
        pytest.param("completion bash", "kubectl completion is not a magic: it is for shells", id="a verb"),
        pytest.param("config set-context x", "kubectl config set-context is not a magic", id="a verb of two words"),
        pytest.param("get pods --proxy-url x", "--proxy-url is not taken: the kubeconfig says it", id="a flag"),
        pytest.param("run a --image b --overrides {}", "--overrides is not taken", id="another flag"),
        pytest.param("get pods --nonsense", "unknown flag --nonsense", id="no flag of kubectl's"),
    ],
)
def test_the_reason_is_said(line: str, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        kubectl_command(line, None, {}.__getitem__)


def test_a_verbs_own_reason_counts_first() -> None:
    assert reason_for_flag("config view", "raw") != reason_for_flag("get", "raw")
    assert reason_for_verb("config", "set", "x") == reason_for_verb("config", "set")
    assert not reason_for_verb("get")
