"""Rollouts followed on running servers, in a notebook that somebody looks at."""

from __future__ import annotations

import pytest

from kmagic.errors import UsageError, WaitError
from kmagic.magics.work.rolling import KRollout
from tests.magics.conftest import Notebook
from tests.magics.workload import deploy

WIDGET = "application/vnd.jupyter.widget-view+json"


@pytest.fixture
def page(online: Notebook) -> Notebook:
    """A notebook that somebody looks at."""
    online.session.headless = lambda: False
    return online


def test_a_rollout_is_shown_while_the_cell_waits_and_its_chart_stays(page: Notebook) -> None:
    deploy(page, replicas=2)
    page.ok("%krollout restart deploy/web")
    ran = page.ok("rollout = %krollout status deploy/web --timeout 90s\nrollout")
    rollout = ran.value
    assert isinstance(rollout, KRollout)
    assert (rollout.done, rollout.reasons, rollout.text) == (True, {}, 'deployment "web" successfully rolled out')
    assert (rollout.state.new.ready, rollout.state.old.current) == (2, 0)
    assert sum(WIDGET in bundle for bundle in ran.bundles) == 1
    # A fast server may have done it all before it was asked.
    assert ("<svg" in ran.html) == (len(rollout.df[["new", "old"]].drop_duplicates()) > 1)
    assert list(rollout.df.columns) == ["seconds", "new", "old"]
    assert int(rollout.df.new.iloc[-1]) == 2
    assert not any(WIDGET in bundle for bundle in page.ok("rollout").bundles)


def test_the_reason_of_a_stuck_rollout_is_there_and_an_end_in_time_says_it(page: Notebook) -> None:
    deploy(page, replicas=1)
    page.ok("%kpatch deploy/web --type merge -p '{spec: {template: {spec: {nodeSelector: {no: where}}}}}'")
    ran = page.run("%krollout status deploy/web --timeout 5s")
    assert isinstance(ran.error, WaitError)
    assert "Unschedulable" in ran.text
    assert "not complete after 5 s" in ran.text


def test_without_a_wait_it_is_the_line_of_now_and_headless_it_is_lines_as_before(page: Notebook) -> None:
    deploy(page, replicas=1)
    page.ok("%krollout status deploy/web --timeout 90s")
    assert (
        page.ok("%krollout status deploy/web --watch=false").text.strip() == 'deployment "web" successfully rolled out'
    )
    page.session.headless = lambda: True
    assert page.ok("%krollout status deploy/web").text.strip() == 'deployment "web" successfully rolled out'


def test_what_has_no_rollout_is_one_card(page: Notebook) -> None:
    page.ok("%%kapply\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}")
    ran = page.run("%krollout status cm/a")
    assert isinstance(ran.error, UsageError)
    assert "selects no Pods" in ran.text or "has no rollout" in ran.text
