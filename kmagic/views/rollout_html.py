"""A rollout as static HTML and text: how far it is, bars of old and new Pods, why it is stuck, its chart. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from kmagic.views.html import STYLE, page_safe
from kmagic.views.rollout_state import RolloutState, Sample

__all__ = ("chart_svg", "rollout_html")

_WIDTH, _HEIGHT = 560, 90
_MOST_TROUBLES = 10
_MOST_SAMPLES = 100
_STYLES = """<style>.kmg .kmr-steps span{margin-right:14px;white-space:nowrap}.kmg .kmr-steps .full{color:var(--km-ok)}
.kmg .kmr-bar{display:flex;align-items:center;gap:10px;margin:3px 0}.kmg .kmr-bar b{min-width:4ch;font-weight:600}
.kmg .kmr-track{display:flex;width:240px;height:10px;border-radius:5px;overflow:hidden;background:var(--km-line)}
.kmg .kmr-ready{background:var(--km-ok)}.kmg .kmr-there{background:var(--km-busy)}.kmg .kmr-old{background:var(--km-dim)}
.kmg .kmr-head{font-weight:600}.kmg .kmr-chart .new{fill:var(--km-ok);fill-opacity:.75}
.kmg .kmr-chart .old{fill:var(--km-dim);fill-opacity:.4}.kmg .kmr-chart text{fill:var(--km-dim);font:10px var(--km-font)}
.kmg .kmr-chart line{stroke:var(--km-line)}</style>"""


def rollout_html(state: RolloutState, samples: Sequence[Sample], *, title: str, footer: str) -> tuple[str, str]:
    """A rollout as HTML and as plain text."""
    sign, level = ("✓", "ok") if state.done else ("✕", "bad") if state.failed else ("◐", "busy")
    steps = "".join(
        f"<span{' class=full' if made >= wanted else ''}>{page_safe(word)} {made}/{wanted}</span>"
        for word, made, wanted in state.steps
    )
    troubles = "".join(
        f'<div class="bad">✕ {page_safe(name)}: {page_safe(text[:400])}</div>'
        for name, text in state.troubles[:_MOST_TROUBLES]
    )
    body = (
        f'<div class="kmr-head {level}">{sign} {page_safe(title)}</div><div>{page_safe(state.text)}</div>'
        f'<div class="kmr-steps">{steps}</div>{_bars(state)}{troubles}{chart_svg(samples, state.wanted)}'
        f'<div class="kmg-foot">{page_safe(footer)}</div>'
    )
    lines = [f"{sign} {title}: {state.text}", *(f"{name}: {text}" for name, text in state.troubles)]
    return f'{STYLE}{_STYLES}<div class="kmg">{body}</div>', "\n".join(lines)


def _bars(state: RolloutState) -> str:
    most = max(state.wanted, state.new.current, state.old.current, 1)
    new, old = state.new, state.old
    return _bar(
        "new",
        [("ready", new.ready), ("there", new.current - new.ready)],
        most,
        f"{new.ready} ready of {state.wanted}",
        new.name,
    ) + _bar("old", [("old", old.current)], most, f"{old.current} left", "")


def _bar(word: str, parts: Sequence[tuple[str, int]], most: int, told: str, name: str) -> str:
    inside = "".join(
        f'<i class="kmr-{kind}" style="width:{100 * max(0, size) / most:.1f}%"></i>' for kind, size in parts
    )
    return (
        f'<div class="kmr-bar"><b>{word}</b><span class="kmr-track" role="img" aria-label="{word}: {told}">{inside}</span>'
        f'<span>{told}</span><span class="kmg-foot">{page_safe(name)}</span></div>'
    )


def chart_svg(samples: Sequence[Sample], wanted: int) -> str:
    """Ready Pods over time as SVG: new ones, and old ones on top of them; "" where nothing happened."""
    if len({(each.new, each.old) for each in samples}) < 2:  # complete from the beginning, or stuck
        return ""
    thinned = 1 + len(samples) // _MOST_SAMPLES
    samples = [*samples[:-1:thinned], samples[-1]]
    end = max(samples[-1].at, 0.1)
    most = max([wanted, *(each.new + each.old for each in samples)], default=1) or 1

    def area(value: Sequence[int], below: Sequence[int]) -> str:
        def points(heights: Sequence[int]) -> list[str]:
            found: list[str] = []
            last = 0.0
            for each, height in zip(samples, heights, strict=True):
                x, y = _WIDTH * each.at / end, _HEIGHT - (_HEIGHT - 8) * height / most
                found += [f"{x:.1f},{last:.1f}"] if found else []
                found.append(f"{x:.1f},{y:.1f}")
                last = y
            return found

        return " ".join([*points(value), *reversed(points(below))])

    new = [each.new for each in samples]
    both = [each.new + each.old for each in samples]
    return (
        f'<svg class="kmr-chart" role="img" width="{_WIDTH}" viewBox="0 0 {_WIDTH} {_HEIGHT + 16}" style="max-width:100%">'
        f"<title>Ready Pods in {end:.1f} s: {both[0]} at the beginning, {new[-1]} new and {samples[-1].old} old at the end</title>"
        f'<polygon class="old" points="{area(both, new)}"/><polygon class="new" points="{area(new, [0] * len(new))}"/>'
        f'<line x1="0" x2="{_WIDTH}" y1="{_HEIGHT}" y2="{_HEIGHT}"/>'
        f'<text x="0" y="{_HEIGHT + 13}">0 s</text><text x="{_WIDTH}" y="{_HEIGHT + 13}" text-anchor="end">{end:.1f} s</text></svg>'
    )
