"""``planmap`` as it is asked for on a command line, without a process of its own: to start Python takes longer."""

from __future__ import annotations

import contextlib
import os

from click.testing import CliRunner, Result

from webmap.cli import main


def planmap(*arguments: str | os.PathLike[str], cwd: str | os.PathLike[str] = ".") -> Result:
    """What a command answers; a fault that it does not tell in words is raised."""
    with contextlib.chdir(cwd):
        done = CliRunner().invoke(main, [os.fspath(one) for one in arguments])
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done
