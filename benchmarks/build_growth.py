"""How time and memory of a whole build grow with the plan: synthetic folders from 22 to 40,000 townships.

    .venv/bin/python benchmarks/build_growth.py [townships ...]

Each size is built in a process of its own, so that its peak memory is its own; beside it stands what a plain geopandas
script takes to make the same layers (`_plain_geopandas.py`). The steps are processor time, which a busy machine changes
little. The townships are the cells of a
grid with wavy edges (eight points an edge), three zones are unions of a third of the columns each, one metro line
crosses every row, with a station every ten cells.
"""

import json
import math
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SIZES = (22, 1_000, 10_000, 40_000)
WEST, SOUTH, CELL = 110.0, 30.0, 0.01
POINTS = 8
PER_FILE = 2_000
PLAIN = Path(__file__).with_name("_plain_geopandas.py")
BUILD = (
    "import sys; from pathlib import Path; from layers.build.assemble import build_file; "
    "build_file(*map(Path, sys.argv[1:]))"
)
STEPS = ("load", "locate", "check", "assemble", "write", "read")


def main() -> None:
    """Print one line a size."""
    if sys.argv[1:2] == ["--one"]:
        sys.stdout.write(json.dumps(measure(int(sys.argv[2]))))
        return
    sizes = [int(text) for text in sys.argv[1:]] or list(SIZES)
    print(f"{'townships':>9}  {'folder MB':>9}  " + "  ".join(f"{step:>8}" for step in STEPS) +
          f"  {'cpu s':>8}  {'plain s':>8}  {'times':>6}  {'peak MB':>8}  {'plain MB':>8}  {'times':>6}"
          f"  {'file MB':>8}", flush=True)  # fmt: skip
    for size in sizes:
        done = subprocess.run(
            [sys.executable, __file__, "--one", str(size)], check=True, capture_output=True, text=True
        )
        row = json.loads(done.stdout)
        with tempfile.TemporaryDirectory() as temporary:
            folder = generate(Path(temporary), size)
            built = cost([sys.executable, "-c", BUILD, str(folder), f"{temporary}/planmap.gpkg"])
            plain = cost([sys.executable, str(PLAIN), str(folder), f"{temporary}/plain.gpkg"])
        print(f"{row['townships']:>9,}  {row['folder_mb']:>9.2f}  " +
              "  ".join(f"{row['seconds'][step]:>8.2f}" for step in STEPS) +
              f"  {built[0]:>8.2f}  {plain[0]:>8.2f}  {built[0] / plain[0]:>6.2f}"
              f"  {built[1]:>8.0f}  {plain[1]:>8.0f}  {built[1] / plain[1]:>6.2f}  {row['file_mb']:>8.2f}",
              flush=True)  # fmt: skip


def cost(command: list[str]) -> tuple[float, float]:
    """Processor time in seconds and peak memory in MB of a process, its imports included.

    Bytecode may be written, as set-up does: a build that compiled its own modules each time would be compared to
    libraries that have been compiled.
    """
    env = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, env=env) as process:
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def measure(townships: int) -> dict[str, object]:
    """Generate a folder, build it step by step, and tell seconds and megabytes."""
    from layers.build import assemble as build
    from layers.build import check
    from layers.build.georeference import locate
    from layers.edition import file as edition
    from layers.folder import load as plan
    from layers.folder.reading import Faults

    seconds: dict[str, float] = {}

    def timed(step: str, started: float) -> None:
        seconds[step] = time.process_time() - started

    with tempfile.TemporaryDirectory() as temporary:
        folder = generate(Path(temporary), townships)
        size = sum(path.stat().st_size for path in Path(temporary).rglob("*") if path.is_file())
        started = time.process_time()
        loaded = plan.load(folder)
        timed("load", started)
        started = time.process_time()
        located, lon = locate(loaded, faults := Faults())
        timed("locate", started)
        started = time.process_time()
        check.check_geometry(loaded, located, lon, faults)
        timed("check", started)
        assert not faults.problems, faults.problems[0].text("en")
        started = time.process_time()
        built = build.assemble(loaded, located, lon)
        timed("assemble", started)
        path = Path(temporary) / "edition.gpkg"
        started = time.process_time()
        edition.write(built, path)
        timed("write", started)
        started = time.process_time()
        again = edition.read(path)
        timed("read", started)
        assert again.hash == built.hash
        count = sum(feature.kind == "township" for feature in loaded.features)
        return {
            "townships": count, "folder_mb": size / 1e6, "seconds": seconds,
            "file_mb": path.stat().st_size / 1e6,
        }  # fmt: skip


def generate(root: Path, townships: int) -> Path:
    """A plan folder with this many townships (the last row may be short) below ``root``."""
    columns = max(3, round(math.sqrt(townships)))
    cells = [(number // columns, number % columns) for number in range(townships)]
    data = root / "data"
    folder = data / "plans" / "synthetic"
    (folder / "features").mkdir(parents=True)
    (data / "boundaries").mkdir()
    for file in ("kinds.toml", "computed_indicators.toml"):
        (data / file).write_bytes((ROOT / "data" / file).read_bytes())
    (data / "boundaries" / "arcs.csv").write_text(arcs(cells), encoding="utf-8")
    (folder / "plan.toml").write_text(head(), encoding="utf-8")
    (folder / "outline.toml").write_text('"1.1" = 0\n', encoding="utf-8")
    (folder / "sources.toml").write_text('[[source]]\nname = "made"\ntitle = "made up"\n', encoding="utf-8")
    (folder / "indicators.toml").write_text("", encoding="utf-8")
    (folder / "places.csv").write_text(places(cells), encoding="utf-8")
    records = [*features(cells, columns)]
    for start in range(0, len(records), PER_FILE):
        text = "\n".join(records[start : start + PER_FILE])
        (folder / "features" / f"{start // PER_FILE:03}.toml").write_text(text, encoding="utf-8")
    return folder


def edge(a: tuple[int, int], b: tuple[int, int]) -> str:
    """A wavy line between two corners (row, column) as lon,lat pairs."""
    (row_a, column_a), (row_b, column_b) = a, b
    points = []
    for step in range(POINTS):
        part = step / (POINTS - 1)
        wave = 0.08 * math.sin(2 * math.pi * part)
        row = row_a + (row_b - row_a) * part + wave * (column_b - column_a)
        column = column_a + (column_b - column_a) * part + wave * (row_b - row_a)
        points.append(f"{WEST + CELL * column:.6f},{SOUTH + CELL * row:.6f}")
    return " ".join(points)


def arcs(cells: list[tuple[int, int]]) -> str:
    """The arcs file: each edge once, the outer ones against a neighbour."""
    known = set(cells)
    lines = ["arc,unit_a,unit_b,inner,lon_lat_points"]
    for row, column in cells:
        own = f"u{row}-{column}"
        sides = (
            ((row, column), (row, column + 1), (row - 1, column)),
            ((row, column), (row + 1, column), (row, column - 1)),
            ((row + 1, column), (row + 1, column + 1), (row + 1, column)),
            ((row, column + 1), (row + 1, column + 1), (row, column + 1)),
        )
        for number, (start, end, beside) in enumerate(sides):
            if beside in known:
                if number < 2:
                    line = f'{own}.{number},{own},u{beside[0]}-{beside[1]},yes,"{edge(start, end)}"'
                    lines.append(line)
            else:
                lines.append(f'{own}.{number},{own},beyond,no,"{edge(start, end)}"')
    return "\n".join(lines) + "\n"


def places(cells: list[tuple[int, int]]) -> str:
    """The gazetteer: the middle of every tenth cell."""
    lines = ["name,name_en,aliases,lon,lat,datum,accuracy_m,basis,township,source"]
    for row, column in cells[::10]:
        lon, lat = WEST + CELL * (column + 0.5), SOUTH + CELL * (row + 0.5)
        lines.append(f"p{row}-{column},,,{lon:.6f},{lat:.6f},cgcs2000,100,osm,township/t{row}-{column},made")
    return "\n".join(lines) + "\n"


def features(cells: list[tuple[int, int]], columns: int) -> Iterator[str]:
    """All feature records."""
    rest = 'name_en = "x"\ncites = ["1.1"]\n'
    for row, column in cells:
        yield (f'[[feature]]\nid = "township/t{row}-{column}"\nname = "镇{row}-{column}"\nkind = "township"\n{rest}'
               f'geometry = {{ arcs = "boundaries/arcs.csv", unit = "u{row}-{column}" }}\n'
               f'accuracy_m = 300\nbasis = "schematic"\nsources = ["made"]\n')  # fmt: skip
    for zone in range(3):
        members = [f'"township/t{row}-{column}"' for row, column in cells if column * 3 // columns == zone]
        yield (f'[[feature]]\nid = "zone/z{zone}"\nname = "片区{zone}"\nkind = "zone"\n{rest}'
               f"geometry = {{ union = [{', '.join(members)}] }}\n")  # fmt: skip
    members = [f'"zone/z{zone}"' for zone in range(3)]
    yield (f'[[feature]]\nid = "district"\nname = "县"\nkind = "district"\n{rest}'
           f"geometry = {{ union = [{', '.join(members)}] }}\n")  # fmt: skip
    for row in range(cells[-1][0] + 1):
        ends = [
            [WEST + CELL * 0.5, SOUTH + CELL * (row + 0.5)],
            [WEST + CELL * (columns - 0.5), SOUTH + CELL * (row + 0.5)],
        ]
        yield (f'[[feature]]\nid = "line/l{row}"\nname = "线{row}"\nkind = "metro_line"\nstatus = "operating"\n{rest}'
               f'geometry = {{ route = {ends} }}\naccuracy_m = 100\nbasis = "osm"\nsources = ["made"]\n')  # fmt: skip
    for row, column in cells[::10]:
        yield (f'[[feature]]\nid = "station/s{row}-{column}"\nname = "站{row}-{column}"\nkind = "metro_station"\n'
               f'status = "operating"\n{rest}geometry = {{ place = "p{row}-{column}" }}\n')  # fmt: skip


def head() -> str:
    """The file plan.toml."""
    text = ('id = "synthetic"\ntitle = "合成规划"\nbase_year = 2020\ntarget_year = 2025\nas_of = 2022\n'
            'district = { name = "县", name_en = "County", code = "0" }\n\n'
            '[[group]]\nid = "all"\nname = "全部"\nname_en = "All"\n')  # fmt: skip
    for order, kind in enumerate(("zone", "township", "district", "metro_line", "metro_station")):
        text += f'\n[[layer]]\nid = "{kind}s"\nname = "{kind}"\nname_en = "{kind}"\ngroup = "all"\n'
        text += f'kinds = ["{kind}"]\norder = {order}\n'
    return text


if __name__ == "__main__":
    main()
