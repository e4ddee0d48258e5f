"""The actions of a live view's page: reading one object whole, and changing rows by the one way of all changes.

A view is at one place for all its life. Whatever its page asks for happens there, through the same verbs as a cell,
in a session that is pinned to that place.
"""

from __future__ import annotations

import keyword
import math
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from kmagic.errors import GateError, KubeError, SyncError, UsageError
from kmagic.magics.language.grammar import parse
from kmagic.magics.language.registry import verb_named
from kmagic.magics.language.row_lines import line_for, needs, takes
from kmagic.magics.results.cards import KPlan
from kmagic.magics.session.pinned import Pinned
from kmagic.magics.work.caching import listed, rows_of
from kmagic.magics.work.rights import refusals
from kmagic.safety.policy import Level
from kmagic.safety.salt import SALT
from kmagic.views.yaml import neat, to_yaml
from kmagic.widgets.row_actions import Offer, Planned

if TYPE_CHECKING:
    from kmagic.api.types import JSONObject
    from kmagic.client.client import AsyncClient
    from kmagic.magics.session.place import Place
    from kmagic.magics.session.session import Session
    from kmagic.magics.session.table_feed import TableFeed
    from kmagic.views.table import Row

__all__ = ("Acting",)

# How long a row that is opened waits for its object from the cache, and a variable for all objects.
_OPEN_SECONDS = 5.0
_LIST_SECONDS = 60.0
_TAIL_LINES = 200
# How long an answer about rights is good: who was just given one need not run the cell again.
_RIGHTS_SECONDS = 60.0
# Plans of a page that were neither confirmed nor dropped.
_MOST_PLANS = 20

_OFFERS = (
    Offer("summary", "Enter", "Open", "tab"),
    Offer("logs", "l", "Logs", "tab"),
    Offer("yaml", "y", "YAML", "tab"),
    Offer("events", "e", "Events", "tab"),
    Offer("related", "o", "Related", "tab"),
    Offer("exec", "x", "Exec", "cell", ask="command", usual="sh -c 'id'"),
    Offer("forward", "f", "Forward", "cell", ask="ports, as 8080:80", usual="8080:80"),
    Offer("restart", "r", "Restart", "change", many=True),
    Offer("scale", "n", "Scale", "change", many=True, ask="replicas", usual="1"),
    Offer("delete", "d", "Delete", "change", many=True),
)


class Acting:
    """The actions on the rows of one table of a live view.

    Args:
        session: The notebook's session.
        place: The place of the view.
        feed: The rows' feed.
    """

    def __init__(self, session: Session, place: Place, feed: TableFeed) -> None:
        self._of, self._place, self._feed = session, place, feed
        self._plans: dict[int, list[KPlan]] = {}
        self._made = 0
        self._refused: dict[str, tuple[float, dict[str, str]]] = {}

    @property
    def offers(self) -> Sequence[Offer]:
        """The actions for the table's type, now."""
        resource = self._feed.resource
        readonly = self._place.level is Level.READONLY
        why = f"{self._place.target.at_level(Level.READONLY).badge}: nothing is changed there"
        return [
            Offer(**{**_fields(each), "refused": why if readonly and each.kind == "change" else ""})
            for each in _OFFERS
            if takes(each.name, resource) and (each.name != "logs" or str(resource.group_resource) == "pods")
        ]

    # -- on the loop's thread

    async def refused(self, namespace: str) -> dict[str, str]:
        """Asks the server which actions the person may do on no row of a namespace; the answer is good for a minute."""
        client = self._place.client
        asked_at, found = self._refused.get(namespace, (-math.inf, {}))
        if client.rest.clock.now() - asked_at > _RIGHTS_SECONDS:
            resource = self._feed.resource
            questions = {each.name: needs(each.name, resource) for each in self.offers if not each.refused}
            found = await refusals(
                client, {name: {**asked, "namespace": namespace} for name, asked in questions.items() if asked}
            )
            self._refused[namespace] = (client.rest.clock.now(), found)
        return found

    async def fetch(self, row: Row) -> JSONObject:
        """Reads the object behind a row, from its cache where that is followed.

        Raises:
            KubeError: It cannot be read.
        """
        cached = self._feed.objects
        if cached is not None and cached.running:
            # It is here already, and as new as the row if the two watches are well.
            with suppress(SyncError):
                await self._feed.read_objects(_OPEN_SECONDS)
                if (found := cached.get(row.key)) is not None:
                    return found
        return await self._client(row).dynamic.resource(self._feed.resource, row.namespace or None).get(row.name)

    async def detail(self, row: Row, tab: str) -> dict[str, Any]:
        """Reads a tab of the detail panel of a row.

        Raises:
            KubeError: It cannot be read.
        """
        # Imported by the first row that is opened: a view is shown without them.
        from kmagic.client.relations import events_about
        from kmagic.magics.work.about import relatives
        from kmagic.magics.work.related import read_related
        from kmagic.views.describe import describe
        from kmagic.views.event_rows import events_rows
        from kmagic.views.managers import line_managers

        client = self._client(row)
        if tab == "logs":
            return {"text": await self._logs(client, row)}
        obj = await self.fetch(row)
        now = client.rest.clock.wall()
        if tab == "events":
            events = await events_about(client.resource("events"), obj)
            return {"events": events_rows(events, now)}
        if tab == "related":
            return {"related": [asdict(each) for each in await relatives(client, obj)]}
        if tab == "raw":
            return {"yaml": to_yaml(obj, SALT)}
        if tab == "yaml":
            return {"yaml": to_yaml(neat(obj), SALT)}
        if tab == "managers":
            text = to_yaml(neat(obj), SALT)
            return {"yaml": text, "managers": line_managers(text, obj)}
        return {"text": describe(obj, now=now, salt=SALT, events=None, related=await read_related(client, obj))}

    async def _logs(self, client: AsyncClient, row: Row) -> str:
        from kmagic.client.pods import AsyncPods

        pods = client.core_v1.pods(row.namespace)
        assert isinstance(pods, AsyncPods)
        return await pods.logs(row.name, all_containers=True, tail_lines=_TAIL_LINES)

    def _client(self, row: Row) -> AsyncClient:
        return (self._place.at(row.namespace) if row.namespace else self._place).client

    # -- in the kernel's thread

    def line(self, action: str, rows: Sequence[Row], argument: str) -> str:
        """The magic that does the action; rows of several namespaces are a line each.

        Raises:
            KubeError: It takes other rows, or the argument is missing.
        """
        return "\n".join(line for _, line in self._lines(action, rows, argument))

    def _lines(self, action: str, rows: Sequence[Row], argument: str) -> list[tuple[Place, str]]:
        if not rows:
            raise UsageError("no row is selected")
        if not takes(action, self._feed.resource):
            raise UsageError(f"{self._feed.resource.resource} take no {action}")
        names: dict[str, list[str]] = {}
        for row in rows:
            names.setdefault(row.namespace, []).append(row.name)
        words = self._place.opened.words_from(self._of.place.opened)
        return [
            (
                self._place.at(namespace) if namespace else self._place,
                line_for(action, self._feed.resource, each, namespace=namespace, elsewhere=words, argument=argument),
            )
            for namespace, each in names.items()
        ]

    def plan(self, action: str, rows: Sequence[Row], argument: str) -> Planned:
        """Tries a change by a dry run.

        Raises:
            KubeError: It was refused.
        """
        lines = self._lines(action, rows, argument)
        plans = [plan for place, line in lines if (plan := self._planned(place, line)) is not None]
        words = {plan.demand.word for plan in plans} - {""}
        if words and len(plans) > 1:
            raise GateError(
                "this takes much down, in several namespaces: select rows of one namespace at a time",
                hint="\n".join(dict.fromkeys(reason for plan in plans for reason in plan.demand.reasons)),
            )
        self._made += 1
        self._plans[self._made] = plans
        while len(self._plans) > _MOST_PLANS:
            self._plans.pop(next(iter(self._plans)))
        return Planned(
            self._made,
            "\n".join(line for _, line in lines),
            "\n".join(plan.preview.text for plan in plans),
            ", ".join(dict.fromkeys(plan.target.badge for plan in plans)),
            next(iter(words), ""),
            ", ".join(dict.fromkeys(reason for plan in plans for reason in plan.demand.reasons)),
        )

    def _planned(self, place: Place, line: str) -> KPlan:
        session = Pinned(self._of, place)
        name, _, rest = line.removeprefix("%k").partition(" ")
        # The line may name a context for a cell elsewhere; here the place says it all.
        command = parse(verb_named(name), rest, None, _no_python)
        if session.perform is None:
            raise GateError("this notebook runs no magics, so nothing is changed from its pages")
        found = session.perform(command, session)
        if not isinstance(found, KPlan):
            raise GateError(f"nothing to change: {found}")
        return found

    def confirm(self, number: int, said: str) -> str:
        """Carries a plan out, and returns what was done, in words.

        Raises:
            KubeError: It may not be, or something was not done.
        """
        plans = self._plans.pop(number, None)
        if plans is None:
            raise GateError("this plan is gone; ask for it again")
        return "\n".join(plan.apply(confirm=said).text for plan in plans)

    def drop(self, number: int) -> None:
        """Forgets a plan."""
        for plan in self._plans.pop(number, ()):
            plan.discard()

    def keep(self, name: str, rows: Sequence[Row]) -> str:
        """Gives the objects of rows a name in the notebook, and returns what it is, in words.

        Raises:
            KubeError: It is no name, or they cannot be read.
        """
        if not name.isidentifier() or keyword.iskeyword(name):
            raise UsageError(f"{name!r} is no name of a variable")
        if self._of.keep is None:
            raise UsageError("this notebook has no variables of its own")
        cached = self._of.runtime.run(self._feed.read_objects(_LIST_SECONDS))
        known, columns = rows_of(self._feed, self._of.runtime)
        found = listed(cached, known, columns, self._place.target.badge, only={row.key for row in rows})
        self._of.keep(name, found)
        return f"{name}: {len(found)} {self._feed.resource.resource}"


def _fields(offer: Offer) -> dict[str, Any]:
    return {name: getattr(offer, name) for name in offer.__struct_fields__}


def _no_python(expression: str) -> object:
    raise KubeError(f"{{{{{expression}}}}} is not looked up for a page")
