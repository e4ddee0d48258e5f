"""A door gives what it names and says which package has no such name."""

from __future__ import annotations

import gc

import pytest

from kmagic._lazy import collector_paused, touched
from kmagic.errors import KubeError


def test_a_name_is_found_in_its_module() -> None:
    assert touched("kmagic", {"errors": ("KubeError",)}, "KubeError") is KubeError


def test_an_unknown_name_names_the_package() -> None:
    with pytest.raises(AttributeError, match="module 'kmagic' has no attribute 'Nothing'"):
        touched("kmagic", {"errors": ("KubeError",)}, "Nothing")


def test_the_collector_rests_while_modules_are_imported_and_only_then() -> None:
    assert gc.isenabled()
    with collector_paused():
        assert not gc.isenabled()
        with collector_paused():
            pass
        assert not gc.isenabled()
    assert gc.isenabled()
    with pytest.raises(ZeroDivisionError), collector_paused():
        _ = 1 / 0
    assert gc.isenabled()
