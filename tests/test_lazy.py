"""A door gives what it names and says which package has no such name."""

from __future__ import annotations

import pytest

from kmagic._lazy import touched
from kmagic.errors import KubeError


def test_a_name_is_found_in_its_module() -> None:
    assert touched("kmagic", {"errors": ("KubeError",)}, "KubeError") is KubeError


def test_an_unknown_name_names_the_package() -> None:
    with pytest.raises(AttributeError, match="module 'kmagic' has no attribute 'Nothing'"):
        touched("kmagic", {"errors": ("KubeError",)}, "Nothing")
