"""Fixtures every test folder shares: the real control plane, the sandbox, both in turn, and the leak checks.

A part that is missing (Go, Chromium) skips the tests that need it, with the reason; with `CI=true` it fails them.
"""

from __future__ import annotations

import inspect
import os
import shutil
import signal
from collections.abc import AsyncIterator, Generator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import pytest
from hypothesis import HealthCheck, settings

from tests import leaks
from tests.cluster.controlplane import BuildError, ensure
from tests.cluster.fixture import Cluster, ExternalCluster

_NEEDS_PARTS = {
    "cluster": frozenset({"cluster", "private_cluster"}),
    "browser": frozenset({"chromium"}),
}
_failed = pytest.StashKey[bool]()


@dataclass(frozen=True, slots=True)
class Server:
    """A server of the conformance tests.

    Attributes:
        kind: `sandbox` or `real`; the real one is the truth.
        kubeconfig: Path of the administrator's kubeconfig.
        server: Its URL.
    """

    kind: str
    kubeconfig: str
    server: str


def pytest_configure() -> None:
    """Gives signals their usual meaning back, and takes from properties what asks for a fast machine.

    A run in the background ignores SIGINT, nohup SIGHUP, and children inherit it.
    """
    settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
    settings.load_profile("any machine")
    for number, usual in ((signal.SIGINT, signal.default_int_handler), (signal.SIGHUP, signal.SIG_DFL)):
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, usual)


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """Asynchronous tests run on asyncio."""
    return "asyncio"


@pytest.fixture(scope="session")
def cluster() -> Iterator[ExternalCluster]:
    """The real control plane, one for the run; the cluster of `KMAGIC_TEST_CLUSTER=<kubeconfig>` where that is set.

    Tests share it: each works in a namespace of its own and kills nothing.
    """
    external = os.environ.get("KMAGIC_TEST_CLUSTER")
    if external:
        yield ExternalCluster(Path(external))
        return
    yield from _own_cluster()


@pytest.fixture(scope="session")
def kubectl_path() -> str:
    """The built kubectl, for what it does without a server."""
    try:
        return str(ensure().part("kubectl"))
    except BuildError as error:
        _missing(str(error))


@pytest.fixture(scope="module")
def private_cluster() -> Iterator[Cluster]:
    """A control plane for the tests of one module, to kill, pause and compact; each test leaves it running."""
    yield from _own_cluster()


def _own_cluster() -> Iterator[Cluster]:
    try:
        running = Cluster.start()
    except BuildError as error:
        _missing(str(error))
    yield running
    running.stop()


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Server]:
    """A running sandbox, a child process; one for the run."""
    from kmagic.sandbox.host.process import start

    process = start()
    yield Server("sandbox", str(process.kubeconfig), process.server)
    process.stop()


@pytest.fixture(scope="session", params=["sandbox", "real"])
def server(request: pytest.FixtureRequest) -> Server:
    """The sandbox and the real server in turn, for the conformance tests."""
    if request.param == "sandbox":
        found: Server = request.getfixturevalue("sandbox")
        return found
    real: ExternalCluster = request.getfixturevalue("cluster")
    return Server("real", real.kubeconfig, real.server)


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of the system's Chromium."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None:
        _missing("Chromium is missing: apt-get install chromium")
    return found


def _in_ci() -> bool:
    return os.environ.get("CI") == "true"


def _missing(reason: str) -> NoReturn:
    if _in_ci():
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


@pytest.fixture(autouse=True)
def _no_leaks(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fails a test that passed but left a thread, an open file, a socket or a child process behind."""
    before = leaks.snapshot()
    yield
    if not request.node.stash.get(_failed, False):
        left = leaks.left_since(before)
        if left:
            pytest.fail("left behind: " + "; ".join(left), pytrace=False)


@pytest.fixture
async def _no_leaked_tasks(request: pytest.FixtureRequest) -> AsyncIterator[None]:
    """Fails an asynchronous test that passed but left a task on the loop; set up first, so checked last."""
    before = leaks.tasks()
    yield
    if not request.node.stash.get(_failed, False):
        left = await leaks.tasks_left_since(before)
        if left:
            pytest.fail("tasks left on the loop: " + "; ".join(left), pytrace=False)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks the tests that need parts of the machine, and gives asynchronous tests the check of their tasks."""
    for item in items:
        if not isinstance(item, pytest.Function):
            continue
        for marker, fixtures in _NEEDS_PARTS.items():
            if fixtures & set(item.fixturenames) or (marker == "cluster" and _runs_on_real(item)):
                item.add_marker(marker)
        names = item.fixturenames  # shared by the parametrised items of one function
        if inspect.iscoroutinefunction(item.function) and "_no_leaked_tasks" not in names:
            # After the wider scopes, whose tasks stay, and before every other fixture of the test.
            names.insert(names.index("_no_leaks") + 1, "_no_leaked_tasks")


def _runs_on_real(item: pytest.Function) -> bool:
    callspec = getattr(item, "callspec", None)
    return callspec is not None and callspec.params.get("server") == "real"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Remembers failures for the leak checks; with CI=true a skipped cluster or browser test is a failed one."""
    report = yield
    if report.failed:
        item.stash[_failed] = True
    if report.skipped and _in_ci() and any(item.get_closest_marker(name) for name in _NEEDS_PARTS):
        report.outcome = "failed"
        report.longrepr = f"skipped, which CI=true does not allow: {report.longrepr}"
    return report
