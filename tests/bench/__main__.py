"""`make bench`: one real control plane, 10,000 Pods, every contender in turn, several rounds, medians and ratios.

Writes RESULTS.md beside this file, with the machine. Options: `--pods N --rounds N --events N --only NAME`, and
`--beside FOLDER` for another checkout of kmagic, whose figures are taken in the same run, turn by turn.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from tests.bench import load, reading

HERE = Path(__file__).parent
RESULTS = HERE / "RESULTS.md"
Result = dict[str, float]
BESIDE = ", beside"

# What the design promises: the ratio of our median to the other's, at most.
PROMISES = [
    ("sync seconds", "kmagic-informer", "client-go typed", "seconds", 0.75),
    ("sync seconds", "kmagic-informer", "client-go dynamic", "seconds", 0.15),
    ("sync seconds", "kmagic-informer", "curl", "seconds", 1.1),
    ("event CPU, all at once", "kmagic-informer", "client-go typed", "replay_cpu", 0.8),
    ("event CPU, all at once", "kmagic-informer", "client-go dynamic", "replay_cpu", 0.2),
    ("event CPU, as they happen", "kmagic-informer", "client-go typed", "event_cpu", 0.8),
    ("event CPU, as they happen", "kmagic-informer", "client-go dynamic", "event_cpu", 0.2),
    ("bytes a Pod", "kmagic-informer", "client-go typed", "bytes", 0.5),
    ("bytes a Pod", "kmagic-informer", "client-go dynamic", "bytes", 0.15),
    ("list seconds", "kmagic-list", "lightkube-list", "seconds", 0.3),
    ("list seconds", "kmagic-list", "kubernetes-list", "seconds", 0.3),
    ("list seconds", "kmagic-list", "kr8s-list", "seconds", 0.3),
]


def python(name: str) -> Callable[[str], list[str]]:
    return lambda kubeconfig: [sys.executable, "-m", "tests.bench.contenders", name, kubeconfig]


def go(kind: str, binary: Path) -> Callable[[str], list[str]]:
    return lambda kubeconfig: [str(binary), "-kubeconfig", kubeconfig, "-kind", kind]


def build_go() -> Path:
    """Builds the client-go contender; needs Go and the module proxy once."""
    cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "kmagic" / "bench"
    cache.mkdir(parents=True, exist_ok=True)
    binary = cache / "clientgo"
    subprocess.run(["go", "build", "-trimpath", "-o", str(binary), "."], cwd=HERE / "clientgo", check=True)
    return binary


def run_once(command: list[str], kubeconfig: str, events: int, where: Path = HERE.parents[1]) -> Result:
    """Runs one contender of a checkout; with events, sends the updates once it says it is synced."""
    if events:
        command = [*command, "-events", str(events)] if command[0].endswith("clientgo") else [*command, str(events)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=where)
    assert process.stdout is not None
    lines = []
    for line in process.stdout:
        lines.append(line)
        if line.strip() == "synced":
            load.touch_pods(kubeconfig, events)
    if process.wait() != 0:
        raise RuntimeError(f"{command[0]} ended with {process.returncode}")
    result: Result = json.loads(lines[-1])
    return result


def curl_list(kubeconfig: str) -> Result:
    """The floor: the same list as bytes, nothing decoded."""
    return load.raw_list(kubeconfig)


def median(results: list[Result], key: str) -> float | None:
    values = [result[key] for result in results if key in result]
    return statistics.median(values) if values else None


def spread(results: list[Result], key: str, scale: float = 1.0, digits: int = 2) -> str:
    values = sorted(result[key] * scale for result in results if key in result)
    if not values:
        return ""
    middle = statistics.median(values)
    if len(values) == 1:
        return f"{middle:.{digits}f}"
    return f"{middle:.{digits}f} ({values[0]:.{digits}f}-{values[-1]:.{digits}f})"


def machine() -> str:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{os.cpu_count()} cores, {memory:.0f} GiB, {platform.system()} {platform.machine()}, "
        f"Python {platform.python_version()}, {date.today():%Y-%m-%d}; shared and noisy, so read the ratios"
    )


def render(results: dict[str, list[Result]], pods: int, events: int) -> str:
    lines = [
        "# Bench",
        "",
        f"Written by `make bench`: {pods:,} Pods on a real kube-apiserver, {events:,} updates; medians (min-max). {machine()}.",
        "",
        "## Fill a cache or a list",
        "",
        "| contender | seconds | CPU seconds | bytes kept an object | CPU ms an event | of many at once |",
        "|---|---|---|---|---|---|",
    ]
    for name, rounds in results.items():
        if any("objects" in result for result in rounds):
            per_object = [{"b": r["bytes"] / max(r["objects"], 1)} for r in rounds if "bytes" in r]
            each = 1000 / events if events else 0
            lines.append(
                f"| {name} | {spread(rounds, 'seconds')} | {spread(rounds, 'cpu')} "
                f"| {spread(per_object, 'b', 1, 0)} "
                f"| {spread(rounds, 'event_cpu', each, 3)} | {spread(rounds, 'replay_cpu', each, 3)} |"
            )
    lines += [
        "",
        "## One caller, one call after the other",
        "",
        "| contender | calls a second | CPU ms a call |",
        "|---|---|---|",
    ]
    for name, rounds in results.items():
        if any("rate" in result for result in rounds):
            lines.append(f"| {name} | {spread(rounds, 'rate', 1, 0)} | {spread(rounds, 'cpu', 1, 2)} |")
    lines += ["", "## Start", "", "| what | ms | CPU ms | modules loaded |", "|---|---|---|---|"]
    for name in ("import", "load-ext"):
        if rounds := results.get(name):
            lines.append(
                f"| {name} | {spread(rounds, 'seconds', 1000, 0)} | {spread(rounds, 'cpu', 1000, 0)} "
                f"| {spread(rounds, 'modules', 1, 0)} |"
            )
    lines += [
        "",
        "## Against the design",
        "",
        "| what | ours : theirs | ratio | promised | holds |",
        "|---|---|---|---|---|",
    ]
    for what, ours, theirs, key, promised in PROMISES:
        mine, other = median(results.get(ours, []), key), median(results.get(theirs, []), key)
        if mine is not None and other:
            ratio = mine / other
            holds = "yes" if ratio <= promised else "**no**"
            lines.append(f"| {what} | {ours} : {theirs} | {ratio:.2f} | {promised} | {holds} |")
    return "\n".join([*lines, ""])


def render_beside(results: dict[str, list[Result]]) -> str:
    """Our figures over the other checkout's; 1.00 is the same, less is better."""
    lines = ["## Beside another checkout", "", "| what | figure | ours : theirs |", "|---|---|---|"]
    for name, rounds in results.items():
        for key in sorted({key for each in rounds for key in each} - {"objects", "rate", "modules"}):
            mine, other = median(rounds, key), median(results.get(name + BESIDE, []), key)
            if mine is not None and other:
                lines.append(f"| {name} | {key} | {mine / other:.2f} |")
    return "\n".join([*lines, ""])


def contenders(binary: Path) -> dict[str, tuple[Callable[[str], list[str]], bool]]:
    """Name -> (command for a kubeconfig, whether it follows events)."""
    return {
        "kmagic-informer": (python("kmagic-informer"), True),
        "client-go typed": (go("typed", binary), True),
        "client-go dynamic": (go("dynamic", binary), True),
        **{
            f"{library}-{what}": (python(f"{library}-{what}"), False)
            for what in ("list", "get", "create")
            for library in ("kmagic", "lightkube", "kubernetes", "kr8s")
        },
        "import": (python("import"), False),
        "load-ext": (python("load-ext"), False),
    }


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--pods", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--events", type=int, default=3_000)
    parser.add_argument("--only", default="", help="contenders whose name contains one of these, with commas")
    parser.add_argument("--beside", type=Path, help="another checkout of kmagic")
    options = parser.parse_args(arguments)
    chosen: dict[str, Any] = {
        name: contender
        for name, contender in contenders(build_go()).items()
        if any(wanted in name for wanted in options.only.split(","))
    }
    results: dict[str, list[Result]] = {"curl": [], **{name: [] for name in chosen}}
    with load.cluster_with_pods(options.pods) as kubeconfig:
        for round_number in range(options.rounds):
            results["curl"].append(curl_list(kubeconfig))
            for name, (command, follows) in chosen.items():
                if name == "kr8s-list" and round_number:
                    continue  # more than a minute a run; one is enough to place it
                events = options.events if follows else 0
                places = {name: HERE.parents[1]}
                if options.beside and command(kubeconfig)[0] == sys.executable:
                    places[name + BESIDE] = options.beside
                for label, where in places.items():
                    done = run_once(command(kubeconfig), kubeconfig, events, where)
                    results.setdefault(label, []).append(done)
                    print(f"round {round_number + 1}: {label}: {done}", flush=True)
        forms = reading.measure(kubeconfig, min(options.rounds, 3)) if not options.only else {}
    if not options.only:
        RESULTS.write_text(
            render(results, options.pods, options.events) + "\n" + reading.render(forms), encoding="utf-8"
        )
    print(render(results, options.pods, options.events))
    if options.beside:
        print(render_beside(results))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
