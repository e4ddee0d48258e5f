"""Upstream's end-to-end specs: the program that has them, one run of it against a server, and what came out."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.cluster import controlplane

__all__ = ("CONFORMANCE", "FOLDERS", "Outcome", "Suite", "is_built", "read_report", "spec_name")

FOLDERS = ("api-machinery", "apps")
"""The special interest groups whose specs are run: those that need few real containers."""
CONFORMANCE = rf"\[sig-({'|'.join(FOLDERS)})\].*\[Conformance\]"
SECONDS = 60
"""How long a spec may take: some wait for what a simulated node never does."""
_MODULE = Path(__file__).parent / "e2e"
_RECIPE = "ginkgo and e2e.test, 1"


def is_built() -> bool:
    """Returns whether the program is in the cache: its first build takes ten minutes and more."""
    return controlplane.cache_folder(_MODULE, _RECIPE).is_dir()


def _build(module: Path, folder: Path) -> None:
    controlplane.go_build(module, "github.com/onsi/ginkgo/v2/ginkgo", folder / "ginkgo", "-s -w")
    controlplane.go_test(module, ".", folder / "e2e.test")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one spec.

    Attributes:
        state: Word of ginkgo: passed, failed, timedout, panicked, interrupted.
        message: First line of why it failed.
    """

    state: str
    message: str = ""

    @property
    def passed(self) -> bool:
        """True when the spec passed."""
        return self.state == "passed"


@dataclass(frozen=True, slots=True)
class Suite:
    """The built program.

    Attributes:
        folder: The folder that has `ginkgo` and `e2e.test`.
        kubectl: Path of the kubectl that specs run.
    """

    folder: Path
    kubectl: str

    @classmethod
    def ensure(cls) -> Suite:
        """The program, built first when it is not in the cache.

        Raises:
            BuildError: Go is missing or the build failed.
        """
        folder = controlplane.cached(_MODULE, _build, _RECIPE)
        return cls(folder, str(controlplane.ensure().part("kubectl")))

    def run(
        self, kubeconfig: str, folder: Path, *, focus: str = CONFORMANCE, skip: str = "", processes: int = 4
    ) -> dict[str, Outcome]:
        """Runs the specs whose names match ``focus`` and not ``skip``; returns what became of each.

        Args:
            kubeconfig: Path of the server's kubeconfig.
            folder: Folder for the report and the log.
            focus: Regular expression of Go.
            skip: Regular expression of Go, "" for none.
            processes: Number of specs at a time; those marked [Serial] run alone.
        """
        command = ["nice", "-n", "15", str(self.folder / "ginkgo"), f"--procs={processes}", "--no-color"]
        command += ["--silence-skips", "--keep-going", "--timeout=2h", "--json-report=report.json"]
        command += [f"--focus={focus}", *([f"--skip={skip}"] if skip else []), f"--output-dir={folder}"]
        command += [str(self.folder / "e2e.test"), "--", "--provider=skeleton", f"--kubeconfig={kubeconfig}"]
        command += [f"--kubectl-path={self.kubectl}", f"--spec-timeout={SECONDS}s", "--disable-log-dump"]
        command += ["--dump-logs-on-failure=false", f"--e2e-output-dir={folder}"]
        with (folder / "log").open("w") as log:
            environment = {**os.environ, "KUBECONFIG": kubeconfig}
            subprocess.run(
                command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log, check=False
            )
        return read_report(json.loads((folder / "report.json").read_text()))


def read_report(report: list[dict[str, Any]]) -> dict[str, Outcome]:
    """The outcomes of the specs that ran, by their names, from ginkgo's report."""
    found = {}
    for suite in report:
        for spec in suite.get("SpecReports") or ():
            if spec["LeafNodeType"] == "It" and spec["State"] not in ("skipped", "pending"):
                message = (spec.get("Failure") or {}).get("Message", "").strip().partition("\n")[0]
                found[spec_name(spec)] = Outcome(spec["State"], message)
    return found


def spec_name(spec: dict[str, Any]) -> str:
    """The name of a spec as upstream's list of conformance tests writes it, without the mark."""
    words = [*(spec["ContainerHierarchyTexts"] or ()), spec["LeafNodeText"]]
    return " ".join(" ".join(words).replace("[Conformance]", "").split())
