"""Builds the control plane's binaries once into the user's cache folder and says where they are.

Two Go modules beside this file pin everything: `controlplane` (etcd, kube-apiserver, kube-controller-manager,
kube-scheduler, kubectl, and two helpers of our own, `pki` and `compact`) and `kwok` (plays the kubelets). A build is
keyed by the sources and the pinned sums, so a change of either builds anew and leaves the old one alone.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

__all__ = (
    "KUBERNETES_VERSION",
    "Binaries",
    "BuildError",
    "cache_folder",
    "cached",
    "ensure",
    "go_build",
    "go_command",
    "go_test",
)

KUBERNETES_VERSION = "v1.37.2"
_HERE = Path(__file__).resolve().parent
_PARTS = ("etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubectl", "pki", "compact")
_STAGES = (
    "node/fast/node-initialize.yaml",
    "node/heartbeat/node-heartbeat.yaml",
    "pod/fast/pod-ready.yaml",
    "pod/fast/pod-complete.yaml",
    "pod/fast/pod-delete.yaml",
)

# kwok 0.8.0 hides what a command it ran ended with, and never tells it that its input is over. A kubelet does both
# right, so its source is corrected where it is built: (file, old, new), each found exactly once.
_KWOK_FIXES = (
    (
        "pkg/utils/exec/exec.go",
        "_, _ = io.Copy(inPipe, opt.In)\n",
        "_, _ = io.Copy(inPipe, opt.In)\n_ = inPipe.Close()\n",
    ),
    (
        "pkg/utils/exec/exec.go",
        "err = cmd.Wait()\n",
        "err = cmd.Wait()\n"
        "if exit, ok := err.(*exec.ExitError); ok {\n"
        "return nil, utilexec.CodeExitError{Err: err, Code: exit.ExitCode()}\n"
        "}\n",
    ),
    ("pkg/utils/exec/exec.go", '"os/exec"\n', '"os/exec"\nutilexec "k8s.io/utils/exec"\n'),
)


class BuildError(RuntimeError):
    """The control plane is not built and cannot be: Go is missing, or the build failed."""


@dataclass(frozen=True, slots=True)
class Binaries:
    """Where the programs of the control plane are.

    Attributes:
        controlplane: The folder with one name a part.
        kwok: The folder with `kwok` and its `stages/`.
    """

    controlplane: Path
    kwok: Path

    def part(self, name: str) -> Path:
        """The program called `name`; one in the folder KUBEBUILDER_ASSETS names comes first."""
        assets = os.environ.get("KUBEBUILDER_ASSETS")
        if assets and (Path(assets) / name).is_file():
            return Path(assets) / name
        return (self.kwok if name == "kwok" else self.controlplane) / name

    def stages(self) -> list[Path]:
        """kwok's own stage files: nodes and pods become ready at once, jobs' pods complete, deleted pods go."""
        return sorted((self.kwok / "stages").glob("*.yaml"))


def go_command() -> str | None:
    """The Go toolchain's path, None where there is none."""
    return shutil.which("go")


def ensure() -> Binaries:
    """The binaries, built first when they are not in the cache (about 9 minutes on 2 cores, once).

    Raises:
        BuildError: Go is missing or a build failed; the message ends with what the build said.
    """
    return Binaries(
        cached(_HERE / "controlplane", _build_controlplane, KUBERNETES_VERSION),
        cached(_HERE / "kwok", _build_kwok, repr((_STAGES, _KWOK_FIXES))),
    )


def _cache_folder() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "kmagic"


def cached(module: Path, build: Callable[[Path, Path], None], recipe: str) -> Path:
    """The folder of what a Go module builds, built first when its sources or the recipe have changed.

    Args:
        module: Folder of the module; its name is the folder's in the cache.
        build: Builds the module (first argument) into an empty folder (second).
        recipe: Text that stands for how it is built.

    Raises:
        BuildError: Go is missing or the build failed.
    """
    folder = cache_folder(module, recipe)
    if folder.is_dir():
        return folder
    if go_command() is None:
        raise BuildError(f"{module.name} of the cluster tests is not built, and Go is missing")
    root = folder.parent
    root.mkdir(parents=True, exist_ok=True)
    with _locked(root / "lock"):
        if not folder.is_dir():  # another process may have built it while this one waited
            with tempfile.TemporaryDirectory(dir=root, prefix="building-") as scratch:
                built = Path(scratch) / "built"
                built.mkdir()
                build(module, built)
                built.rename(folder)
    return folder


def cache_folder(module: Path, recipe: str) -> Path:
    """The folder that a module's build has in the cache, whether it is there or not."""
    sources = sorted(p for p in module.iterdir() if p.suffix in (".go", ".mod", ".sum"))
    digest = hashlib.sha256(recipe.encode())
    for source in sources:
        digest.update(source.name.encode() + b"\0" + source.read_bytes() + b"\0")
    return _cache_folder() / module.name / digest.hexdigest()[:16]


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _build_controlplane(module: Path, folder: Path) -> None:
    major, minor, _ = KUBERNETES_VERSION.removeprefix("v").split(".")
    version = {"gitVersion": KUBERNETES_VERSION, "gitMajor": major, "gitMinor": minor, "gitTreeState": "clean"}
    flags = ["-s", "-w"]
    for package in ("k8s.io/component-base/version", "k8s.io/client-go/pkg/version"):
        flags += [f"-X {package}.{name}={value}" for name, value in version.items()]
    go_build(module, ".", folder / "controlplane", " ".join(flags))
    for part in _PARTS:
        (folder / part).symlink_to("controlplane")


def _build_kwok(module: Path, folder: Path) -> None:
    with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
        source = Path(scratch) / "kwok"
        _go(module, "mod", "download", "sigs.k8s.io/kwok")
        found = Path(_go(module, "list", "-m", "-f", "{{.Dir}}", "sigs.k8s.io/kwok").strip())
        for part in ("cmd", "pkg", "kustomize", "stages", "go.mod"):
            _copy_writable(found / part, source / part)
        for file, old, new in _KWOK_FIXES:
            text = (source / file).read_text()
            if text.count(old) != 1:
                raise BuildError(f"kwok's {file} is not what the fix was made for: {old.strip()}")
            (source / file).write_text(text.replace(old, new))
        for name in ("go.mod", "go.sum"):
            shutil.copyfile(module / name, Path(scratch) / name)
        with (Path(scratch) / "go.mod").open("a") as file:
            file.write(f"\nreplace sigs.k8s.io/kwok => {source}\n")
        go_build(module, "sigs.k8s.io/kwok/cmd/kwok", folder / "kwok", "-s -w", f"-modfile={scratch}/go.mod")
        (folder / "stages").mkdir()
        for stage in _STAGES:
            shutil.copyfile(source / "kustomize/stage" / stage, folder / "stages" / Path(stage).name)


def _copy_writable(source: Path, target: Path) -> None:
    """Copies a file or folder of the module cache, whose files are read-only."""
    if source.is_file():
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
    else:
        for child in source.iterdir():
            _copy_writable(child, target / child.name)


def _go(module: Path, *args: str) -> str:
    return subprocess.run(
        ["go", *args], cwd=module, env=_go_environment(), check=True, capture_output=True, text=True
    ).stdout


def _go_environment() -> dict[str, str]:
    return {**os.environ, "CGO_ENABLED": "0", "GOFLAGS": "-mod=readonly -buildvcs=false", "GOWORK": "off"}


def go_build(module: Path, package: str, target: Path, ldflags: str, *flags: str) -> None:
    """Builds a package of a module at a low priority, telling how far it is every ten seconds.

    Raises:
        BuildError: The modules cannot be resolved, or the build failed.
    """
    _compile(module, package, target, ["build", "-v", "-trimpath", "-ldflags", ldflags, *flags], flags)


def go_test(module: Path, package: str, target: Path) -> None:
    """Builds the tests of a package as one program, which go tells nothing about meanwhile.

    Raises:
        BuildError: The modules cannot be resolved, or the build failed.
    """
    _compile(module, package, target, ["test", "-c", "-trimpath", "-ldflags", "-s -w"], ("-test",))


def _compile(module: Path, package: str, target: Path, words: list[str], listing: tuple[str, ...]) -> None:
    _say(f"downloading the modules of {target.name}")
    try:
        total = len(_go(module, "list", *listing, "-deps", package).splitlines())
    except subprocess.CalledProcessError as error:
        raise BuildError(f"go cannot resolve {module.name}'s modules:\n{error.stderr[-2000:]}") from None
    command = ["nice", "go", *words, "-o", str(target), package]
    _say(f"building {target.name}, {total} packages at most")
    started, told, lines = time.monotonic(), 0.0, list[str]()
    with subprocess.Popen(
        command, cwd=module, env=_go_environment(), stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr is not None
        for line in process.stderr:  # -v: one line a package compiled
            lines.append(line)
            spent = time.monotonic() - started
            if spent - told >= 10:
                told = spent
                _say(f"{target.name}: {len(lines)} packages compiled of at most {total}, {spent:.0f} s")
    if process.returncode != 0:
        raise BuildError(f"go build of {target.name} failed:\n{''.join(lines)[-2000:]}")
    _say(f"{target.name} built in {time.monotonic() - started:.0f} s")


def _say(text: str) -> None:
    print(f"cluster: {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    print(ensure().controlplane)
