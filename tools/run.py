"""Serve a plan: ``python -m tools.run [PLAN FOLDER]``; builds the edition first when it is missing or out of date."""

import os
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PLAN = "data/plans/xiaoshan-14fyp"


def main() -> None:
    """Build when needed, then become the server."""
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else PLAN)
    planmap = str(Path(sys.executable).with_name("planmap"))
    edition = edition_of(folder)
    if is_out_of_date(edition, folder):
        print("▸ 生成版本 Building the edition", flush=True)
        status = subprocess.run([planmap, "build", str(folder), "--output", str(edition)], check=False).returncode
        if status and not edition.is_file():
            raise SystemExit(status)
        if status:
            print("▸ 继续使用上一个版本 Serving the last good edition", flush=True)
    # Replaced, not started: Ctrl+C and signals must reach the server itself.
    os.execv(planmap, [planmap, "serve", str(edition)])  # noqa: S606


def edition_of(folder: Path) -> Path:
    """The file that the operator named, else the plan's own in ``<data folder>/editions``."""
    named = os.environ.get("PLANMAP_EDITION")
    if named:
        return Path(named)
    try:
        plan = tomllib.loads((folder / "plan.toml").read_text(encoding="utf-8-sig"))
        name = Path(str(plan["id"])).name
    except (OSError, KeyError, tomllib.TOMLDecodeError):
        name = folder.name  # planmap build will say what is wrong
    return Path(os.environ.get("PLANMAP_DATA_DIR", "data")) / "editions" / f"{name}.gpkg"


def is_out_of_date(edition: Path, folder: Path) -> bool:
    """Whether the edition is missing, or older than the data or the code that it comes from."""
    if not edition.is_file():
        return True
    built = edition.stat().st_mtime
    shared = [*folder.parent.parent.glob("*.toml"), folder.parent.parent / "boundaries"]
    code = [ROOT / "geo", ROOT / "layers"]
    files = (file for place in [folder, *shared, *code] for file in (place.rglob("*") if place.is_dir() else [place]))
    return any(file.stat().st_mtime > built for file in files if file.is_file() and "__pycache__" not in file.parts)


if __name__ == "__main__":
    main()
