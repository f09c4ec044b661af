"""House rules about documents: what they name exists, and what exists they name."""

import json
import re
from pathlib import Path

import click
from cases import every
from test_house import PYTHON, ROOT, files, name_of, requirement_names, setup_cfg

from geo.release import VERSION

MANUALS = ["README.md", *(f"docs/{path.name}" for path in sorted((ROOT / "docs").glob("*.md")))]


def manuals() -> str:
    return "\n".join((ROOT / name).read_text(encoding="utf-8") for name in MANUALS)


def test_settings_are_documented() -> None:
    from webmap.serving.settings import SETTINGS

    for text in (ROOT / "docs" / "operator.md").read_text(encoding="utf-8").split("\n## English\n"):
        for setting in SETTINGS:
            row = re.search(rf"(?m)^\|\s*`{setting.name}`\s*\|\s*(.*?)\s*\|", text)
            assert row, f"the operator's manual has no row for {setting.name}"
            assert setting.default in row[1], f"the operator's manual gives another default for {setting.name}"


@every("path", [*PYTHON, *files(".py", under=("tools", "benchmarks"))], ids=name_of)
def test_no_undocumented_variable_is_read(path: Path) -> None:
    from webmap.serving.settings import SETTINGS

    known = {setting.name for setting in SETTINGS} | {"CI", "PATH", "PIP_INDEX_URL"}
    text = path.read_text(encoding="utf-8")
    read = set(re.findall(r"""(?:environ(?:\.get\(|\[)|getenv\()\s*["']([A-Z_]+)["']""", text))
    assert read <= known


def test_commands_in_documents_exist() -> None:
    from webmap.cli import main

    shell = "\n".join(re.findall(r"```sh\n(.*?)```", manuals(), flags=re.DOTALL))
    used = set(re.findall(r"(?m)^(?:\.venv/bin/)?planmap ([a-z]+)", shell))
    assert used
    commands = set(main.list_commands(click.Context(main)))
    assert used <= commands
    assert commands <= set(re.findall(r"planmap ([a-z]+)", manuals())), "the manuals leave a command out"
    named = set(re.findall(r"`(?:planmap )?([a-z]+)`", (ROOT / "README.md").read_text(encoding="utf-8")))
    told = set(re.findall(r"planmap ([a-z]+)", (ROOT / "README.md").read_text(encoding="utf-8")))
    assert commands <= named | told, "README leaves a command out"


def test_make_targets_in_documents_exist() -> None:
    targets = set(re.findall(r"(?m)^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8")))
    for name in ("README.md", "CONTRIBUTING.md"):
        used = set(re.findall(r"\bmake ([a-z-]+)\b`", (ROOT / name).read_text(encoding="utf-8")))
        assert used
        assert used <= targets


def headings(path: Path) -> set[str]:
    """The anchors of a Markdown file's headings, as code hosts make them: small letters, hyphens, no other signs."""
    text = re.sub(r"(?ms)^```.*?^```", "", path.read_text(encoding="utf-8"))
    titles = re.findall(r"(?m)^#{1,6} (.+?)\s*$", text)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def test_links_and_pictures_in_documents_exist() -> None:
    for name in (*MANUALS, "CONTRIBUTING.md", "DESIGN.md", "CHANGELOG.md"):
        document = ROOT / name
        text = document.read_text(encoding="utf-8")
        for target, anchor in re.findall(r"\]\(([^)#\s]*)(#[^)\s]+)?\)", text) + re.findall(r'src="([^"]+)()"', text):
            if re.match(r"[a-z]+:", target):
                continue
            there = document.parent / target if target else document
            assert there.exists(), f"{name} names {target}"
            if anchor:
                assert anchor[1:] in headings(there), f"{name} names {target}{anchor}"


def test_changelog_has_this_version() -> None:
    assert re.search(rf"(?m)^## {re.escape(VERSION)}\b", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"))


def test_every_dependency_has_its_reason() -> None:
    options = setup_cfg()
    names = requirement_names(options["options"]["install_requires"])
    names |= requirement_names(options["options.extras_require"]["dev"])
    package = json.loads((ROOT / "webmap" / "frontend" / "package.json").read_text(encoding="utf-8"))
    names |= set(package.get("dependencies", {})) | set(package.get("devDependencies", {}))
    table = (ROOT / "DESIGN.md").read_text(encoding="utf-8").partition("## Dependencies")[2]
    listed = {name.lower() for row in re.findall(r"(?m)^\| (.*?) \|", table) for name in re.findall(r"`([^`]+)`", row)}
    assert names <= listed, f"DESIGN.md does not say why: {sorted(names - listed)}"
