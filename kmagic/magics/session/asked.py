"""The words of a line that say where it goes, as whom, and how loudly: ``--context``, ``--as``, ``-v`` and their like.

What a line asked for stays with the place that it led to, so that whatever acts later goes there as the same user.

Source: k8s.io/cli-runtime/pkg/genericclioptions/config_flags.go.
"""

from __future__ import annotations

import os
import shlex
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from kmagic.config.client_config import Impersonation
from kmagic.config.overrides import Overrides
from kmagic.magics.language.flags import GLOBAL_FLAGS

if TYPE_CHECKING:
    from kmagic.magics.language.grammar import Command

__all__ = ("NOTHING_ASKED", "Asked")


@dataclass(frozen=True)
class Asked:
    """The place and the user that a line names; "" and None for what it leaves to the notebook.

    Attributes:
        who: Whom to act as; its user is "" where only groups or a uid were given.
        verbosity: kubectl's ``-v``; requests are told from 6 on.
    """

    kubeconfig: str = ""
    context: str = ""
    cluster: str = ""
    user: str = ""
    who: Impersonation | None = None
    verbosity: int = 0

    @classmethod
    def of(cls, command: Command) -> Asked:
        """Reads it from a command; a flag of the verb's own that is called like one of these is none.

        Raises:
            UsageError: ``--as-user-extra`` is no KEY=VALUE.
        """
        path = command.text("kubeconfig")
        return cls(
            # Whole, so that it names the same file after the notebook's folder has changed.
            os.path.abspath(os.path.expanduser(path)) if path else "",
            command.text("context"),
            command.text("cluster"),
            command.text("user") if command.row.flag("user") in GLOBAL_FLAGS else "",
            _who(command),
            command.number("v"),
        )

    @property
    def elsewhere(self) -> bool:
        """True if another cluster or user of a kubeconfig is named than the notebook's context has."""
        return bool(self.kubeconfig or self.cluster or self.user)

    @property
    def overrides(self) -> Overrides:
        """The cluster and user that take the place of the context's own."""
        return Overrides(cluster=self.cluster or None, user=self.user or None)

    @property
    def of_clients(self) -> Asked:
        """Only what clients differ by in one context: whom they act as, and what they tell."""
        return replace(NOTHING_ASKED, who=self.who, verbosity=self.verbosity)

    @property
    def words(self) -> list[str]:
        """The flags that ask for it, quoted for a line; what is only told is left out."""
        named = {"kubeconfig": self.kubeconfig, "context": self.context, "cluster": self.cluster, "user": self.user}
        pairs = [(name, value) for name, value in named.items() if value]
        if self.who is not None:
            pairs += [("as", self.who.user)] if self.who.user else []
            pairs += [("as-uid", self.who.uid)] if self.who.uid else []
            pairs += [("as-group", group) for group in self.who.groups]
            pairs += [("as-user-extra", f"{key}={value}") for key, values in self.who.extra.items() for value in values]
        return [f"--{name} {shlex.quote(value)}" for name, value in pairs]


NOTHING_ASKED = Asked()


def _who(command: Command) -> Impersonation | None:
    extra: dict[str, tuple[str, ...]] = {}
    for pair in command.values("as-user-extra"):
        key, equals, value = pair.partition("=")
        if not equals:
            raise command.usage_error(f"--as-user-extra takes KEY=VALUE, not {pair!r}", at=pair)
        extra[key] = (*extra.get(key, ()), value)
    user, uid, groups = command.text("as"), command.text("as-uid"), command.values("as-group")
    return Impersonation(user=user, uid=uid, groups=groups, extra=extra) if user or uid or groups or extra else None
