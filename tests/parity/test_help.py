"""Kubectl's own help against the table of verbs: what it has is taken, or left out with a reason."""

from __future__ import annotations

from kmagic.magics.language.left_out import reason_for_flag, reason_for_verb
from kmagic.magics.language.registry import VERBS
from tests.parity import help as kubectl_help
from tests.parity.page import PAGE, is_group, missing, ours


def test_every_verb_is_a_magic_or_left_out_with_a_reason(kubectl_path: str) -> None:
    unknown = [
        " ".join(words)
        for words in kubectl_help.verbs(kubectl_path)
        if ours(words) is None and not reason_for_verb(*words) and not is_group(kubectl_path, words)
    ]
    assert unknown == []


def test_every_flag_is_taken_or_left_out_with_a_reason(kubectl_path: str) -> None:
    unknown = {
        f"{' '.join(words)} --{flag}"
        for words in kubectl_help.verbs(kubectl_path)
        for flag, reason in missing(kubectl_path, words).items()
        if not reason
    }
    unknown |= {
        f"--{flag}"
        for flag in kubectl_help.global_flags(kubectl_path)
        if VERBS["get"].flag(flag) is None and not reason_for_flag("", flag)
    }
    assert unknown == set()


def test_the_page_names_every_verb(kubectl_path: str) -> None:
    text = PAGE.read_text()
    names = [" ".join(words) for words in kubectl_help.verbs(kubectl_path) if not is_group(kubectl_path, words)]
    assert [name for name in names if f"| {name} |" not in text] == []
