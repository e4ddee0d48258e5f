"""The site builds without a warning, and has what its navigation and the doors of the packages promise."""

from __future__ import annotations

import html
import importlib
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from kmagic import errors
from kmagic.magics.language.registry import VERBS

ROOT = Path(__file__).parents[2]
DOORS = ("api", "cache", "client", "config", "controller", "rest", "sync", "testing", "transport")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built site; a warning, a dead link among them, fails the build."""
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--quiet", "--strict", "--site-dir", str(folder)]
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


def _text(page: Path) -> str:
    return html.unescape(re.sub(r"<[^>]+>", "", page.read_text(encoding="utf-8")))


def test_every_name_of_a_door_has_its_place_in_the_reference(site: Path) -> None:
    missing = []
    for door in DOORS:
        page = (site / "reference" / f"{door}.html").read_text(encoding="utf-8")
        places = set(re.findall(r'id="(kmagic\.[\w.]+)"', page))
        ends = {place.rpartition(".")[2] for place in places}
        missing += [
            f"kmagic.{door}.{name}" for name in importlib.import_module(f"kmagic.{door}").__all__ if name not in ends
        ]
    assert missing == []


def test_the_blocking_side_shows_the_documentation_that_it_borrows(site: Path) -> None:
    shown = " ".join(_text(site / "reference" / "sync.html").split())
    assert "Reads one object; None where there is none of that name." in shown


def test_every_error_says_what_it_means_and_what_to_do(site: Path) -> None:
    shown = _text(site / "reference" / "errors.html")
    classes = [
        value for value in vars(errors).values() if isinstance(value, type) and issubclass(value, errors.KubeError)
    ]
    assert [each.__name__ for each in classes if "\n\n    Cure: " not in (each.__doc__ or "")] == []
    assert [each.__name__ for each in classes if each.__name__ not in shown] == []


def test_every_magic_is_there_with_its_flags(site: Path) -> None:
    shown = _text(site / "reference" / "magics.html")
    wanted = [(verb.prompt, f"--{flag.name}") for verb in VERBS.values() for flag in verb.flags]
    assert [pair for pair in wanted if pair[0] not in shown or pair[1] not in shown] == []


def test_nothing_is_fetched_from_elsewhere(site: Path) -> None:
    loaded = re.compile(r'<(?:script|link|img)[^>]+(?:src|href)="(https?://[^"]+)"')
    assert {
        found for page in site.rglob("*.html") for found in loaded.findall(page.read_text(encoding="utf-8"))
    } == set()
