"""The outputs of a live view, without a browser; what a page draws is tested in Chromium."""

from __future__ import annotations

from kmagic.widgets.outputs import answer_while_busy, fallback


def test_a_comm_lets_messages_through_while_a_cell_runs() -> None:
    class Comm:
        def _reply_subshell_for(self, data: object, default: str) -> str:
            return "busy"

    comm = Comm()
    assert answer_while_busy(comm) is False
    assert comm._reply_subshell_for({}, "free") == "free"
    assert answer_while_busy(object()) is False


def test_the_static_output_is_marked_for_its_live_form_to_hide_it() -> None:
    assert '<div class="kmg-fallback">rows</div>' in fallback("rows")
