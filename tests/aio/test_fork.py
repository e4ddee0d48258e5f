"""What was made before a fork stays with the process that made it."""

from __future__ import annotations

import os

import pytest

from kmagic.aio.fork import Origin
from kmagic.errors import ForkError


def test_only_the_process_that_made_it_goes_on() -> None:
    origin = Origin("the thing")
    origin.check()
    assert origin.is_here
    child = os.fork()
    if child == 0:
        try:
            with pytest.raises(ForkError, match="the thing was made before this process was forked"):
                origin.check()
            os._exit(7 if Origin("another").is_here and not origin.is_here else 1)
        finally:
            os._exit(2)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
    origin.check()
