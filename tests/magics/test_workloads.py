"""The workload verbs' rows: each is in the whole table and has its file."""

from __future__ import annotations

import importlib

import pytest

from kmagic.magics.registry import VERBS
from kmagic.magics.verb import Verb
from kmagic.magics.workloads import WORKLOAD_VERBS


@pytest.mark.parametrize("verb", WORKLOAD_VERBS, ids=lambda verb: verb.name)
def test_every_row_is_in_the_table_and_has_its_file(verb: Verb) -> None:
    assert VERBS[verb.name] is verb
    assert callable(importlib.import_module(f"kmagic.magics.verbs.{verb.name}").run)
