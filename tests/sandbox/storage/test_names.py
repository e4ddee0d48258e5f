"""Names that the server makes."""

import random
import uuid
from typing import Any

import pytest

from kmagic.sandbox.storage.names import generate_name, new_uid


@pytest.mark.parametrize("base", ["web-", "x" * 80])
def test_a_generated_name_fits_and_keeps_its_beginning(base: Any) -> None:
    name = generate_name(base, random.Random(1))
    assert len(name) <= 63
    assert name[:-5] == base[:58]
    assert set(name[-5:]) <= set("bcdfghjklmnpqrstvwxz2456789")


def test_uids_repeat_with_their_seed() -> None:
    made = new_uid(random.Random(1))
    assert uuid.UUID(made).version == 4
    assert made == new_uid(random.Random(1)) != new_uid(random.Random(2))
