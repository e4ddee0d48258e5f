"""Warnings are written as kubectl writes them."""

from __future__ import annotations

import pytest

from kmagic.magics.language.warning import warn


def test_it_goes_to_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    warn("mind the gap")
    assert capsys.readouterr().err == "Warning: mind the gap\n"
