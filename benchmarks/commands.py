"""Processor time and peak memory of the commands, side by side with the build of an earlier commit.

    .venv/bin/python benchmarks/commands.py [commit]

The earlier build runs from a clone in a temporary folder, with the libraries of its own lock file in an environment of
its own. Each builds the shipped folder of its own commit; in a second row today's is without what the earlier one had
not (surfaces, stories). The QGIS project in the file, which it had not either, cannot be left out. Without the history
or the libraries its columns stay empty, and the reason is said. Medians of three runs, in turns, for a machine's pace
changes.
"""

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parent.parent
BEFORE = "3a974217dafec6d819d618767ebf5891b6d73a7a"
"""The last commit before commands were made to answer at once."""
PLAN = "data/plans/xiaoshan-14fyp"
RUNS = 3
LATER = ("surfaces.toml", "stories")
"""What the shipped folder has since then."""
LESS = "build, less"
YARDSTICKS = ("import click", "layers' check")
"""What the commands are measured by; the earlier build has the same or none."""
MAIN = "import sys; from webmap.cli import main; main(sys.argv[1:], prog_name='planmap')"
CHECK = f"from pathlib import Path; from layers.build.check import check; check(Path('{PLAN}'))"


class Unavailable(Exception):  # noqa: N818 - a reason, not a fault
    """Why the earlier build cannot run here."""


def main() -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as temporary:
        commands = {
            "--help": ["-c", MAIN, "--help"],
            "--version": ["-c", MAIN, "--version"],
            "check": ["-c", MAIN, "check", PLAN],
            "build": ["-c", MAIN, "build", PLAN, "-o", f"{temporary}/edition.gpkg"],
            LESS: ["-c", MAIN, "build", PLAN, "-o", f"{temporary}/edition.gpkg"],
            "import click": ["-c", "import click"],
            "layers' check": ["-c", CHECK],
        }
        less = shutil.copytree(ROOT / "data", Path(temporary) / "data", ignore=shutil.ignore_patterns(*LATER))
        try:
            earlier = prepared(Path(temporary), sys.argv[1] if len(sys.argv) > 1 else BEFORE)
        except Unavailable as reason:
            earlier = None
            print(f"without the earlier build: {reason}")
        print(
            f"{'command':<14}  {'cpu s before':>12}  {'now':>6}  {'times':>6}  {'MB before':>9}  {'now':>5}", flush=True
        )
        for name, arguments in commands.items():
            then = None if earlier is None or name in YARDSTICKS else ([str(earlier[0]), *arguments], earlier[1])
            plan = f"{less}/plans/{Path(PLAN).name}" if name == LESS else PLAN
            mine = [plan if one == PLAN else one for one in arguments]
            now, before = costs(([sys.executable, *mine], ROOT), then)
            cells = (
                ("", "", "")
                if before is None
                else (f"{before[0]:.2f}", f"{now[0] / before[0]:.2f}", f"{before[1]:.0f}")
            )
            print(
                f"{name:<14}  {cells[0]:>12}  {now[0]:>6.2f}  {cells[1]:>6}  {cells[2]:>9}  {now[1]:>5.0f}", flush=True
            )


def prepared(folder: Path, commit: str) -> tuple[Path, Path]:
    """Python and checkout of the earlier commit.

    Raises:
        Unavailable: Its history or its libraries are not to be had.
    """
    checkout, environment = folder / "before", folder / "environment"
    if run("git", "-C", str(ROOT), "cat-file", "-e", f"{commit}^{{commit}}"):
        raise Unavailable(f"commit {commit[:7]} is not in the history of this checkout")
    if run("git", "clone", "--quiet", "--shared", "--no-checkout", str(ROOT), str(checkout)) or run(
        "git", "-C", str(checkout), "checkout", "--quiet", commit
    ):
        raise Unavailable("git cannot make a clone")
    uv = str(Path(sys.executable).with_name("uv"))
    python = environment / "bin" / "python"
    lock = str(checkout / "requirements.lock")
    if run(uv, "venv", "--quiet", "--python", sys.executable, str(environment)) or run(
        uv, "pip", "install", "--quiet", "--compile-bytecode", "--python", str(python), "-r", lock
    ):
        raise Unavailable("the libraries of its lock file cannot be installed")
    run(str(python), "-m", "compileall", "-q", str(checkout))
    return python, checkout


def run(*command: str) -> int:
    """Exit status of a command; 127 when there is no such program."""
    try:
        return subprocess.run(command, check=False, capture_output=True).returncode
    except FileNotFoundError:
        return 127


Started = tuple[list[str], Path]
"""A command and the folder in which it runs."""
Cost = tuple[float, float]
"""Processor time in seconds, its imports included, and peak memory in MB."""


def costs(now: Started, before: Started | None) -> tuple[Cost, Cost | None]:
    """Median processor time and greatest peak of both, run in turns; None for an earlier one that fails."""
    mine, theirs = [], []
    for _ in range(RUNS):
        mine.append(cost(*now))
        # An earlier build may lack a command, or need to be installed for it: its cells stay empty.
        with contextlib.suppress(subprocess.CalledProcessError):
            theirs += [] if before is None else [cost(*before)]
    return _middle(mine), _middle(theirs) if theirs else None


def _middle(runs: list[Cost]) -> Cost:
    return median(seconds for seconds, _ in runs), max(peak for _, peak in runs)


def cost(command: list[str], folder: Path) -> Cost:
    """What one run of a process takes.

    Bytecode may be written, as set-up does: else each run would compile our modules and none of the libraries.
    """
    env = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    quiet = subprocess.DEVNULL
    with subprocess.Popen(command, cwd=folder, stdout=quiet, stderr=quiet, env=env) as process:
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


if __name__ == "__main__":
    main()
