"""%kauth: answers are values, a no fails unless it is asked for."""

from __future__ import annotations

from pathlib import Path

from kmagic.errors import KubeError
from tests.magics.conftest import Notebook
from tests.magics.person import being_nobody


def test_yes_is_true(online: Notebook) -> None:
    assert bool(online.ok("%kauth can-i create deploy").value) is True
    assert online.ok("%kauth can-i get pods -q").value is None


def test_no_fails_or_is_false(online: Notebook, tmp_path: Path) -> None:
    with being_nobody(online, tmp_path) as who:
        error = online.run("%kauth can-i delete pods").error
        assert isinstance(error, KubeError)
        assert error.message.startswith("no")
        no = online.ok("%kauth can-i delete pods --no-check").value
        assert (str(no)[:2], bool(no)) == ("no", False)
        assert who in online.ok("%kauth whoami").value


def test_a_read_only_context_may_ask(online: Notebook) -> None:
    online.ok(f"%kctx acme-prod --readonly -n {online.session.target.namespace}")
    assert online.ok("%kauth whoami").value.startswith("ATTRIBUTE")
    assert online.ok("%kauth can-i get pods").value
