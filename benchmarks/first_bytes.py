"""What comes over the line before the map is seen, answers, and all of its view is there: sums of compressed answers.

No browser and no clock: the page says what it asks for, and each answer is counted as it is sent to who takes Brotli,
without its head (some 200 bytes each over HTTP/1.1). Steps:

* ``seen``: the page alone, with its picture;
* ``answers``: and the map's first program, and the layers of the view;
* ``whole``: and what stands around the map (names, tree, legend, search box, tools);
* ``late``: what comes once all that is there, or when somebody asks: cards, lists, words, indicators, dialogs, symbols.

``benchmarks/first_picture.py`` has the times.
"""

import json
import re
import tempfile
import urllib.request
from collections.abc import Callable
from pathlib import Path

from tools.local import PLAN, build, serving

PAGES = ("/", "/?lang=en", "/?view=indicators", "/embed/overview")
STEPS = ("seen", "answers", "whole", "late")

Fetch = Callable[[str], tuple[int, str]]
"""Gives of an address the bytes that are sent, and the text of a page."""


def main() -> None:
    """Serve the shipped plan and print the sums."""
    with tempfile.TemporaryDirectory() as folder, serving(build(PLAN, Path(folder) / "edition.gpkg")) as base:
        print(f"kB, Brotli, added up (answers){'':4}" + "".join(f"{step:>14}" for step in STEPS))
        for page in PAGES:
            sums = added(page, lambda path, base=base: fetched(base + path))  # type: ignore[misc]
            print(f"{page:34}" + "".join(f"{size / 1000:8.1f} ({count:2})" for size, count in sums.values()))


def fetched(url: str) -> tuple[int, str]:
    """Size of an answer as it is sent, and its text where that is asked for uncompressed."""
    with urllib.request.urlopen(urllib.request.Request(url, headers={"Accept-Encoding": "br"})) as answer:
        size = len(answer.read())
    with urllib.request.urlopen(url) as answer:
        return size, answer.read().decode("utf-8")


def added(page: str, fetch: Fetch) -> dict[str, tuple[int, int]]:
    """Bytes and number of answers until each step."""
    size, text = fetch(page)
    sums, bytes_, count = {"seen": (size, 1)}, size, 1
    for step, addresses in asked(text).items():
        sizes = [fetch(address)[0] for address in addresses]
        bytes_, count = bytes_ + sum(sizes), count + len(sizes)
        sums[step] = (bytes_, count)
    return sums


def asked(text: str) -> dict[str, list[str]]:
    """Addresses that a page with the map asks for, by step."""
    begun = re.findall(r'data-(?:program|ahead)="([^"]*)"', text) + re.findall(r'<script[^>]* src="([^"]+)"', text)
    found = re.search(r'<script type="application/json" id="pm-config">(.*?)</script>', text, re.DOTALL)
    urls = json.loads(found[1])["urls"] if found else {}
    whole = [urls[name] for name in ("rest", "rest_style")]
    late = [urls[name] for name in ("soon", "soon_style", "words", "asked", "asked_style", "later")]
    return {"answers": [one.replace("&amp;", "&") for one in begun if one], "whole": whole, "late": late}


if __name__ == "__main__":
    main()
