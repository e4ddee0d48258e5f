"""The salt of this process's masks."""

from __future__ import annotations

import subprocess
import sys

from kmagic.safety.salt import SALT
from kmagic.views.masking import mask


def test_equal_values_have_equal_masks_here_and_nowhere_else() -> None:
    assert mask("hunter2", SALT) == mask("hunter2", SALT) != mask("hunter3", SALT)
    done = subprocess.run(
        [sys.executable, "-c", "from kmagic.safety.salt import SALT; print(SALT.hex())"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert len(SALT) == 16
    assert done.stdout.strip() != SALT.hex()
