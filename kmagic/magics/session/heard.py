"""The words of servers beside their answers while a command runs: warnings, and with ``-v`` the requests themselves.

Source: k8s.io/kubectl/pkg/cmd/cmd.go (--warnings-as-errors), k8s.io/client-go/rest/warnings.go.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

from kmagic.errors import KubeError

if TYPE_CHECKING:
    from kmagic.magics.language.grammar import Command

__all__ = ("Heard",)

T = TypeVar("T")

# The least verbosity at which requests are told.
_REQUESTS = 6
_MOST = 500


class Heard:
    """The warnings of the servers: those of a running command are shown by it, all others are logged, each once."""

    def __init__(self) -> None:
        self._now: dict[str, None] | None = None
        self._log: Callable[[str], None] | None = None

    def __call__(self, text: str) -> None:
        """Takes a warning, on the loop's thread."""
        if self._now is None:
            if self._log is None:
                from kmagic.client.hooks import log_warnings

                self._log = log_warnings()
            self._log(text)
        elif len(self._now) < _MOST:
            self._now[text] = None

    @contextmanager
    def during(self, command: Command) -> Iterator[dict[str, None]]:
        """Gives the warnings of a command, which are shown when it ends; with ``-v=6`` its requests are told as they go."""
        outer, self._now = self._now, {}
        found = self._now
        try:
            with _told(command.number("v")):
                yield found
        finally:
            self._now = outer
            if found:
                # Imported by the first warning.
                from kmagic.api.terminal import escape_terminal
                from kmagic.magics.language.warning import warn

                for text in found:
                    warn(escape_terminal(text))

    def while_doing(self, command: Command, work: Callable[[], T]) -> T:
        """Does the work of a command and returns its value, with the warnings shown.

        Raises:
            KubeError: The server warned, and the command takes that for an error; the value is kept with it.
        """
        with self.during(command) as warnings:
            found = work()
        if warnings and command.on("warnings-as-errors"):
            from kmagic.magics.results.cards import partly

            raise partly([KubeError(f"{len(warnings)} warning{'s' if len(warnings) > 1 else ''} received")], found)
        return found


class _Teller(logging.Handler):
    """Writes records to standard error as it is when they come: a notebook changes it."""

    def emit(self, record: logging.LogRecord) -> None:
        sys.stderr.write(f"{self.format(record)}\n")


@contextmanager
def _told(verbosity: int) -> Iterator[None]:
    if verbosity < _REQUESTS:
        yield
        return
    log, teller = logging.getLogger("kmagic.wire"), _Teller()
    before, passed = log.level, log.propagate
    log.addHandler(teller)
    log.setLevel(logging.DEBUG)
    log.propagate = False  # a handler of the notebook's would tell it twice
    try:
        yield
    finally:
        log.removeHandler(teller)
        log.setLevel(before)
        log.propagate = passed
