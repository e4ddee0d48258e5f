"""What a view's page asks for: read and changed where the view is, by the verbs that cells have."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kmagic.errors import GateError, KubeError, NotFoundError, ProtectedError, UsageError
from kmagic.magics.results.values import KList
from kmagic.magics.session.asked import Asked
from kmagic.magics.work.acting import Acting
from kmagic.views.table import Row
from tests.magics.conftest import Notebook
from tests.magics.person import being_nobody, until_allowed
from tests.magics.workload import deploy

MAPS = """%%kapply
apiVersion: v1
kind: ConfigMap
metadata: {name: NAME}
data: {note: "value of NAME"}
"""


class Watched:
    """A view of one type with its rows, and the actions on them."""

    def __init__(self, notebook: Notebook, kind: str) -> None:
        self.notebook = notebook
        self.view = notebook.ok(f"view = %kwatch {kind}\nview").value
        session = notebook.session
        self.feed = session.caches.feeds()[-1]
        self.actions = Acting(session, session.place, self.feed)

    def rows(self, *names: str) -> list[Row]:
        def found() -> list[Row]:
            return [row for row in self.feed.rows if row.name in names]

        self.view.until(lambda rows: set(names) <= {row.name for row in rows})
        return self.notebook.session.runtime.call(found)

    def detail(self, name: str, tab: str) -> dict[str, object]:
        return self.notebook.session.runtime.run(self.actions.detail(self.rows(name)[0], tab))


@pytest.fixture
def maps(online: Notebook) -> Iterator[Watched]:
    for name in ("one", "two", "three"):
        online.ok(MAPS.replace("NAME", name))
    watched = Watched(online, "configmaps")
    yield watched
    watched.view.close()


def test_rows_are_deleted_after_a_dry_run_and_a_confirmation(maps: Watched) -> None:
    planned = maps.actions.plan("delete", maps.rows("one", "two"), "")
    assert 'configmap "one" deleted' in planned.text
    assert planned.word == ""
    maps.notebook.ok("%kget cm/one")  # nothing was sent yet
    done = maps.actions.confirm(planned.number, "")
    assert 'configmap "two" deleted' in done
    maps.view.until(lambda rows: {row.name for row in rows} & {"one", "two"} == set())
    assert "three" in maps.view.names
    with pytest.raises(GateError, match="gone"):
        maps.actions.confirm(planned.number, "")


def test_an_object_that_changed_after_its_plan_is_left_alone(maps: Watched) -> None:
    planned = maps.actions.plan("delete", maps.rows("one"), "")
    maps.notebook.ok(MAPS.replace('"value of NAME"', "other").replace("NAME", "one"))
    with pytest.raises(GateError, match="changed since the plan"):
        maps.actions.confirm(planned.number, "")
    maps.notebook.ok("%kget cm/one")


def test_a_view_acts_where_it_is_wherever_the_notebook_went(maps: Watched) -> None:
    here = maps.notebook.session.target.namespace
    maps.notebook.ok("%kns default")
    planned = maps.actions.plan("delete", maps.rows("one"), "")
    assert f"-n {here}" in planned.line
    maps.actions.confirm(planned.number, "")
    maps.view.until(lambda rows: "one" not in {row.name for row in rows})
    maps.notebook.ok(f"%kns {here}")


def test_the_line_of_an_action_names_the_context_once_the_notebook_is_elsewhere(maps: Watched) -> None:
    rows = maps.rows("one")
    here = maps.notebook.session.target
    assert maps.actions.line("yaml", rows, "") == f"%kget configmaps/one -o yaml -n {here.namespace}"
    maps.notebook.ok(maps.actions.line("yaml", rows, ""))
    maps.notebook.protect()
    line = maps.actions.line("yaml", rows, "")
    assert line.endswith(f"--context {here.context}")
    maps.notebook.unprotect()


def test_nothing_is_changed_from_a_page_where_nothing_may_be_changed(maps: Watched) -> None:
    maps.notebook.protect("--readonly")
    watched = Watched(maps.notebook, "configmaps")
    offers = {each.name: each.refused for each in watched.actions.offers}
    assert offers["delete"]
    assert not offers["yaml"]
    with pytest.raises(ProtectedError):
        watched.actions.plan("delete", watched.rows("one"), "")
    watched.view.close()
    maps.notebook.unprotect()


def test_a_page_waits_for_the_plan_of_a_cell_and_no_cell_for_that_of_a_page(maps: Watched) -> None:
    rows = maps.rows("one")
    open_in_page = maps.actions.plan("delete", rows, "")
    maps.notebook.ok("%klabel cm two a=b")
    maps.notebook.protect()
    maps.notebook.ok("%klabel cm three a=b")  # a plan that waits
    with pytest.raises(GateError, match="waits to be applied"):
        maps.actions.plan("delete", rows, "")
    maps.notebook.ok("_kp.discard()")
    maps.actions.drop(open_in_page.number)
    maps.notebook.unprotect()


def test_selected_rows_become_a_variable(maps: Watched) -> None:
    assert maps.actions.keep("mine", maps.rows("one", "two")) == "mine: 2 configmaps"
    mine = maps.notebook.ok("mine").value
    assert isinstance(mine, KList)
    assert [each.name for each in mine] == ["one", "two"]
    assert mine[0]["data"]["note"] == "value of one"
    with pytest.raises(UsageError, match="no name"):
        maps.actions.keep("not a name", maps.rows("one"))


def test_the_panel_reads_an_object_from_every_side(maps: Watched) -> None:
    assert str(maps.detail("one", "summary")["text"]).splitlines()[0].split() == ["Name:", "one"]
    assert "managedFields" not in str(maps.detail("one", "yaml")["yaml"])
    assert "managedFields" in str(maps.detail("one", "raw")["yaml"])
    found = maps.detail("one", "managers")
    text, managers = str(found["yaml"]).split("\n"), found["managers"]
    assert isinstance(managers, list)
    assert managers[next(at for at, line in enumerate(text) if "value of one" in line)] == "kmagic"
    assert managers[text.index("kind: ConfigMap")] == ""
    assert maps.detail("one", "events")["events"] == [("TYPE", "REASON", "AGE", "FROM", "MESSAGE")]


def test_a_deployment_is_scaled_restarted_and_shown_with_what_it_owns(online: Notebook) -> None:
    deploy(online, "web", 1)
    watched = Watched(online, "deployments")
    rows = watched.rows("web")
    planned = watched.actions.plan("scale", rows, "2")
    assert "scaled" in planned.text
    assert "%kscale deployments.apps/web --replicas 2" in planned.line
    watched.actions.confirm(planned.number, "")
    watched.view.until(lambda found: found[0].ready == "2/2")
    none = watched.actions.plan("scale", rows, "0")
    assert none.word == "web"
    with pytest.raises(GateError, match="leaves no replicas"):
        watched.actions.confirm(none.number, "")
    restart = watched.actions.plan("restart", rows, "")
    assert "restarted" in watched.actions.confirm(restart.number, "")
    related = watched.detail("web", "related")["related"]
    assert isinstance(related, list)
    assert any(each["relation"] == "owns" and each["what"].startswith("replicasets.apps/web-") for each in related)
    with pytest.raises(UsageError, match="how many"):
        watched.actions.plan("scale", rows, "")
    watched.view.close()


def test_a_pod_is_shown_with_its_owners_and_its_log(online: Notebook) -> None:
    name = deploy(online, "web", 1)[0]
    watched = Watched(online, "pods")
    related = watched.detail(name, "related")["related"]
    assert isinstance(related, list)
    found = [(each["relation"], each["what"].split("-")[0]) for each in related]
    assert ("controlled by", "ReplicaSet/web") in found
    assert ("controlled by, above", "Deployment/web") in found
    assert ("uses", "serviceaccounts/default") in found
    assert isinstance(watched.detail(name, "logs")["text"], str)
    watched.view.close()


def test_a_row_that_is_gone_says_so(maps: Watched) -> None:
    row = maps.rows("one")[0]
    maps.notebook.ok("%kdelete cm one")
    with pytest.raises(NotFoundError):
        maps.notebook.session.runtime.run(maps.actions.detail(row, "yaml"))
    with pytest.raises(KubeError):
        maps.actions.plan("delete", [row], "")


def test_what_a_person_may_not_do_is_asked_once_for_a_namespace(maps: Watched, tmp_path: Path) -> None:
    notebook = maps.notebook
    session, here = notebook.session, notebook.session.target.namespace
    assert session.runtime.run(maps.actions.refused(here)) == {}
    notebook.ok("%kcreate role looker --verb=get,list,watch --resource=configmaps")
    notebook.ok(f"%kcreate rolebinding looker --role=looker --serviceaccount={here}:nobody")
    with being_nobody(notebook, tmp_path):
        until_allowed(notebook, "watch configmaps")
        watched = Watched(notebook, "configmaps")
        place = session.place.asking(Asked(verbosity=1))  # its client asks for nobody else
        actions = Acting(session, place, watched.feed)
        assert set(session.runtime.run(actions.refused(here))) == {"delete"}
        sent = place.opened.sent
        assert (
            f"you may not delete configmaps in namespace {here}" in session.runtime.run(actions.refused(here))["delete"]
        )
        assert place.opened.sent == sent > 0
        watched.view.close()
    assert session.runtime.run(maps.actions.refused(here)) == {}
