"""A program that enters values, is killed at some moment, again and again, and looks at what is left.

``python ledger_kills.py ADDRESS COUNT``: each child appends batches of growing size and tells each one that was
acknowledged; it is killed once it has told so many, in the midst of the next. Run by itself, so that it may fork.
"""

from __future__ import annotations

import os
import random
import signal
import sys

from layers.ledger.book import Draft, opened

SIZES = (1, 3, 40, 200)


def entering(address: str, plan: str, number: int, pipe: int) -> None:
    """Append until somebody ends it; write the last number of each batch that was acknowledged."""
    ledger, chance = opened(address, plan), random.Random(number)  # noqa: S311 - no secret
    for batch in range(10_000):
        size = chance.choice(SIZES)
        drafts = [Draft("gdp", f"town/{number}-{batch}-{row}", "2021", float(row)) for row in range(size)]
        receipt = ledger.append(drafts, "entering")
        os.write(pipe, f"{receipt.last} {receipt.state.head}\n".encode())


def killed(address: str, plan: str, number: int) -> tuple[int, str]:
    """The last entry and its hash that a child was told to be safe before it was killed."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(read)
        try:
            entering(address, plan, number, write)
        finally:
            os._exit(1)
    os.close(write)
    said = b""
    wanted = number % 7
    while said.count(b"\n") < wanted:
        piece = os.read(read, 65536)
        if not piece:
            break
        said += piece
    os.kill(child, signal.SIGKILL)
    while piece := os.read(read, 65536):  # what it still told before it died counts as told
        said += piece
    os.close(read)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status), said
    last = said.decode().splitlines()[-1].split() if said else ["0", ""]
    return int(last[0]), last[1]


def main() -> None:
    address, count = sys.argv[1], int(sys.argv[2])
    told, there, beyond = 0, 0, 0
    for number in range(count):
        plan = f"kill-test-{number // 5}"
        if number % 5 == 0:
            opened(address, plan, make=True)
            acknowledged = 0
        last, head = killed(address, plan, number)
        ledger = opened(address, plan)
        proof = ledger.verify()
        assert proof.broken is None, proof
        assert proof.state.count >= max(last, acknowledged), (number, proof.state, last)
        assert not head or ledger.has(head), number
        acknowledged = max(acknowledged, last)
        # Whole batches only: the entries of one are there together or not at all.
        newest = [entry.batch for entry in ledger.history(most=max(SIZES))]
        assert not newest or newest.count(newest[0]) in SIZES, (number, newest[0], newest.count(newest[0]))
        told, there, beyond = told + last, there + proof.state.count, beyond + (proof.state.count > last)
    sys.stdout.write(f"{told} {there} {beyond}\n")


if __name__ == "__main__":
    main()
