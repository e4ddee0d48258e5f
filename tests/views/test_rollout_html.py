"""A rollout as a saved notebook keeps it."""

from __future__ import annotations

from kmagic.views.rollout_html import chart_svg, rollout_html
from kmagic.views.rollout_state import RolloutState, Sample, Side

SAMPLES = [Sample(0.0, 0, 3), Sample(1.5, 1, 2), Sample(4.0, 3, 0)]


def test_the_chart_names_what_it_shows_and_needs_two_moments() -> None:
    assert chart_svg(SAMPLES[:1], 3) == ""
    svg = chart_svg(SAMPLES, 3)
    assert "Ready Pods in 4.0 s: 3 at the beginning, 3 new and 0 old at the end" in svg
    assert svg.count("<polygon") == 2


def test_it_says_how_far_it_is_and_why_it_is_stuck_escaped_and_small() -> None:
    state = RolloutState(
        "Waiting…", wanted=3, new=Side("web-2", 1, 1, 0, 0), old=Side("", 3, 3, 3, 3),
        troubles=tuple((f"pod/web-{at}", "<b>no such image" * 100) for at in range(50)),
    )  # fmt: skip
    html, text = rollout_html(state, SAMPLES * 100, title="deploy/web", footer="dev")
    assert "◐ deploy/web" in html
    assert "created 1/3" in html
    assert "&lt;b&gt;no such image" in html
    assert text.startswith("◐ deploy/web: Waiting…\npod/web-0: ")
    assert len(html) < 30_000


def test_the_end_has_a_sign_of_its_own() -> None:
    for state, sign in ((RolloutState("ok", done=True), "✓"), (RolloutState("no", failed=True), "✕")):
        assert rollout_html(state, SAMPLES, title="deploy/web", footer="")[1].startswith(sign)
