"""Followed logs as a value of a notebook that somebody looks at; how they are followed is tested beside the follower."""

from __future__ import annotations

import pytest

from kmagic.errors import WaitError
from kmagic.magics.work.log_live import KLiveLogs
from tests.magics.conftest import Notebook
from tests.magics.workload import deploy


@pytest.fixture
def page(online: Notebook) -> Notebook:
    """A notebook that somebody looks at."""
    online.session.headless = lambda: False
    return online


def test_it_shows_a_live_view_beside_what_is_saved_and_later_only_that(page: Notebook) -> None:
    deploy(page, replicas=1)
    ran = page.ok("logs = %klogs -f deploy/web\nlogs.until('.', timeout=60)")
    assert isinstance(ran.value, KLiveLogs)
    kinds = [sorted(bundle) for bundle in ran.bundles]
    # What is saved may be refreshed at any time; the view is there once.
    assert kinds.count(["application/vnd.jupyter.widget-view+json", "text/plain"]) == 1
    assert kinds.count(["text/html", "text/plain"]) == len(kinds) - 1 > 0
    again = page.ok("logs")
    assert {tuple(sorted(bundle)) for bundle in again.bundles} == {("text/html", "text/plain")}
    assert ran.value.lines[-1] in again.text


def test_a_line_that_never_comes_is_an_error_in_time_and_a_re_run_replaces(page: Notebook) -> None:
    (one,) = deploy(page, replicas=1)
    ran = page.run(f"logs = %klogs -f {one}\nlogs.until('never written', timeout=0.1)")
    assert isinstance(ran.error, WaitError)
    first = page.shell.user_ns["logs"]
    page.run(f"logs = %klogs -f {one}\nlogs.until('never written', timeout=0.1)")
    assert not first.running
    assert page.shell.user_ns["logs"].running


def test_a_notebook_without_a_page_gets_plain_lines_as_before(online: Notebook) -> None:
    (one,) = deploy(online, replicas=1)
    ran = online.ok(f"logs = %klogs -f {one}\nlogs.until('.', timeout=60)")
    assert not isinstance(ran.value, KLiveLogs)
    assert ran.value.running
