from __future__ import annotations

import re

from kmagic.transport.agent import user_agent


def test_RE_21_user_agent() -> None:
    assert re.fullmatch(r"kmagic/\S+ \(\w+/\w+\) python/3\.\S+", user_agent())
    assert user_agent("notebook/1").endswith(" notebook/1")
