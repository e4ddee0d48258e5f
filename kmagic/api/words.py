"""Did you mean: the known words that look like one that is not known. Pure.

One threshold for everything that people type: types, names, flags, fields, contexts, magics.
"""

from __future__ import annotations

from collections.abc import Iterable

__all__ = ("did_you_mean", "likeness", "nearest")

# difflib's own: three letters of five in common.
_CUTOFF = 0.6
_SIGNS = "-%"


def nearest(word: str, known: Iterable[str], most: int = 3) -> list[str]:
    """The known words that look like a word, the most like first; case does not matter.

    Args:
        word: The word as typed.
        known: The words that exist.
        most: So many at most.
    """
    import difflib  # by the first word that is not known

    # Signs that all of them begin with (-- of flags, %% of magics) make nothing more alike.
    spelt = {each.lstrip(_SIGNS).lower(): each for each in known}
    return [spelt[each] for each in difflib.get_close_matches(word.lstrip(_SIGNS).lower(), spelt, most, _CUTOFF)]


def did_you_mean(word: str, known: Iterable[str], most: int = 3) -> str:
    """``did you mean web-0 or web-1?``; "" where nothing comes close."""
    found = nearest(word, known, most)
    return f"did you mean {' or '.join(found)}?" if found else ""


def likeness(one: str, other: str) -> float:
    """Returns the similarity of two texts, from 0 to 1."""
    import difflib

    return difflib.SequenceMatcher(None, one, other).ratio()
