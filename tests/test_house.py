"""The house rules that no linter knows: what may stand where in the tree."""

import ast
import configparser
import importlib
import json
import re
import subprocess
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from cases import every

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("geo", "layers", "webmap")
SKIPPED = {".venv", ".git", "node_modules", "dist", "build", "__pycache__", "editions"}
TEXT = {".py", ".js", ".mjs", ".css", ".html", ".toml", ".cfg", ".csv", ".md", ".json", ".lock", ".txt", ".yml", ""}


def files(*suffixes: str, under: tuple[str, ...] = (".",)) -> list[Path]:
    """Files of the project that git keeps or would keep, by suffix."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z", *under],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    if listed.returncode == 0:
        paths = [ROOT / name for name in listed.stdout.decode().split("\0") if name]
    else:  # an unpacked archive has no git
        paths = [
            p for place in under for p in (ROOT / place).rglob("*") if not SKIPPED & set(p.relative_to(ROOT).parts)
        ]
    return sorted({p for p in paths if p.is_file() and (not suffixes or p.suffix in suffixes)})


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


PYTHON = files(".py", under=PACKAGES)
SCRIPTS = files(".js", ".mjs", under=("webmap/frontend",))
PROGRAM_SCRIPTS = [path for path in SCRIPTS if "test" not in path.relative_to(ROOT).parts]


@cache
def nodes(path: Path) -> tuple[ast.AST, ...]:
    """What a Python module is made of; read once for all rules."""
    return tuple(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))


@cache
def code_strings(path: Path) -> tuple[tuple[int, object], ...]:
    """Line and value of every constant of a Python module that is not a docstring."""
    docs = {id(node.value) for node in nodes(path) if isinstance(node, ast.Expr)}
    return tuple(
        (node.lineno, node.value) for node in nodes(path) if isinstance(node, ast.Constant) and id(node) not in docs
    )


def script_code(path: Path) -> str:
    """A script without its comments."""
    text = re.sub(r"/\*.*?\*/", lambda m: "\n" * m[0].count("\n"), path.read_text(encoding="utf-8"), flags=re.DOTALL)
    return re.sub(r"(?m)(^|\s)//.*$", r"\1", text)


def setup_cfg() -> configparser.ConfigParser:
    parser = configparser.ConfigParser(interpolation=None)
    parser.read(ROOT / "setup.cfg", encoding="utf-8")
    return parser


def requirement_names(block: str) -> set[str]:
    return {re.split(r"[\s\[<>=;]", line.strip())[0].lower() for line in block.splitlines() if line.strip()}


def locked(path: Path) -> dict[str, set[str]]:
    """Package name to the versions that a lock file pins (several when they differ by Python version)."""
    pins: dict[str, set[str]] = {}
    for name, version in re.findall(r"(?m)^([\w.-]+)(?:\[[\w,]+\])?==([^\s;\\]+)", path.read_text(encoding="utf-8")):
        pins.setdefault(name.lower(), set()).add(version)
    return pins


# ---- the checkout is what runs


@pytest.mark.parametrize("package", PACKAGES)
def test_package_lies_in_this_checkout(package: str) -> None:
    # Another distribution may carry a package of the same name; pip overwrites without a word.
    module = importlib.import_module(package)
    assert module.__file__ is not None
    assert Path(module.__file__).resolve() == ROOT / package / "__init__.py"


@pytest.mark.parametrize("package", PACKAGES)
def test_package_init_is_only_a_docstring(package: str) -> None:
    body = ast.parse((ROOT / package / "__init__.py").read_text(encoding="utf-8")).body
    rest = body[1:] if isinstance(body[0], ast.Expr) else body
    if package == "webmap":  # one re-export, and __all__ for it
        rest = [node for node in rest if not isinstance(node, ast.ImportFrom | ast.Assign)]
    assert not rest, f"{package}/__init__.py holds more than a docstring"


def test_every_folder_with_modules_is_a_package() -> None:
    # Without __init__.py it works here and is missing from the wheel.
    missing = {name_of(path.parent) for path in PYTHON if not (path.parent / "__init__.py").is_file()}
    assert not missing


def test_tests_are_flat() -> None:
    # tests/geo/__init__.py would make pytest import the test folder as `geo`.
    assert not list((ROOT / "tests").rglob("__init__.py"))


# ---- no chance in the tests

CLOCKS = {"perf_counter", "monotonic", "process_time", "thread_time", "time_ns", "monotonic_ns", "perf_counter_ns"}


def test_tests_wait_for_conditions_and_never_judge_by_the_clock() -> None:
    waiting = ROOT / "tests" / "processes.py"  # the one place that waits, with a limit that only a hang reaches
    found = [one for path in files(".py", under=("tests",)) if path != waiting for one in _by_chance(path)]
    assert found == [], "wait for the condition itself: processes.wait_until"


def _by_chance(path: Path) -> Iterator[str]:
    """Sleeps, and assertions about elapsed time: the clock itself in them, or a name that was computed from it."""
    timed: set[str] = set()
    for node in nodes(path):
        if isinstance(node, ast.Assign | ast.AnnAssign | ast.NamedExpr) and node.value and _reads(node.value, timed):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            timed |= {one.id for target in targets for one in ast.walk(target) if isinstance(one, ast.Name)}
    for node in nodes(path):
        if isinstance(node, ast.Call) and _called(node) in ("sleep", "wait_for_timeout"):
            yield f"{name_of(path)}:{node.lineno}: {_called(node)}"
        # Playwright asks once for a promise, and is content with whatever comes of it.
        if isinstance(node, ast.Call) and _called(node) in ("wait_for_function", "until") and _promises(node):
            yield f"{name_of(path)}:{node.lineno}: waits for a promise"
        if isinstance(node, ast.Assert) and _reads(node.test, timed):
            yield f"{name_of(path)}:{node.lineno}: an assertion on the clock"


def _promises(node: ast.Call) -> bool:
    return any(re.search(r"\bfetch\(|\basync\b|\bPromise\b|\.then\(", ast.unparse(one)) for one in node.args)


def _called(node: ast.Call) -> str:
    return node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")


def _reads(value: ast.AST, timed: set[str]) -> bool:
    """Whether an expression subtracts readings of a clock, or uses what did."""
    for node in ast.walk(value):
        if isinstance(node, ast.Call) and _called(node) in CLOCKS:
            return True
        if isinstance(node, ast.Name) and node.id in timed:
            return True
    return False


def test_the_rule_about_clocks_finds_what_it_should(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(globals(), "ROOT", tmp_path)
    lines = ["import time", "start = time.monotonic()", "took = time.monotonic() - start", "assert took < 1"]
    lines += ["time.sleep(1)", "page.wait_for_timeout(5)", "limit = 3", "assert limit == 3"]
    lines += ["page.wait_for_function('() => fetch(1).then(Boolean)')", "visit.until('isSo()')"]
    (tmp_path / "bad.py").write_text("\n".join(lines), encoding="utf-8")
    assert list(_by_chance(tmp_path / "bad.py")) == [
        "bad.py:4: an assertion on the clock", "bad.py:5: sleep", "bad.py:6: wait_for_timeout",
        "bad.py:9: waits for a promise",
    ]  # fmt: skip


# ---- size


@every("path", [*files(".py"), *SCRIPTS], ids=name_of)
def test_module_is_short(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 500


@every("path", files(".py", under=(*PACKAGES, "tools", "benchmarks")), ids=name_of)
def test_functions_are_short(path: Path) -> None:
    long = []
    for node in nodes(path):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > 60:
                long.append(f"{node.name}: {lines} lines")
    assert not long


STYLES = files(".css")


def test_style_sheets_are_short() -> None:
    assert STYLES
    lengths = {name_of(path): len(path.read_text(encoding="utf-8").splitlines()) for path in STYLES}
    assert {name: lines for name, lines in lengths.items() if lines > 500} == {}


def test_colours_of_style_sheets_are_tokens() -> None:
    colour = re.compile(r"#[0-9a-fA-F]{3,8}\b|(?:rgb|hsl)a?\(|(?<![-\w])(?:white|black)(?![-\w])")
    comment = re.compile(r"/\*.*?\*/", re.DOTALL)
    found = [
        f"{name_of(path)}: {colour_found}"
        for path in STYLES
        if path.name != "tokens.css"
        for colour_found in colour.findall(comment.sub("", path.read_text(encoding="utf-8")))
    ]
    assert found == [], "colours belong into tokens.css"


def test_widths_are_in_one_list() -> None:
    # @media (--sheet): the widths are in breakpoints.js, for the style sheets and the program alike.
    width = re.compile(r"(?:min|max)-width:\s*\d|innerWidth\s*[<>]")
    found = [
        f"{name_of(path)}: {line.strip()}"
        for path in (*STYLES, *PROGRAM_SCRIPTS)
        if path.name != "breakpoints.js"
        for line in path.read_text(encoding="utf-8").splitlines()
        if ("@media" in line or path.suffix == ".js") and width.search(line)
    ]
    assert found == []


# ---- what may stand where

EPSG_NUMBER = re.compile(r"(?<![\d.#])(?:4326|4490|4479|3857|900913|45[1-5]\d)(?![\d.])")
COLOUR = re.compile(r"^#(?:[0-9a-fA-F]{3,4}|[0-9a-fA-F]{6}|[0-9a-fA-F]{8})$|(?:rgb|hsl)a?\(\s*\d")
SCRIPT_COLOUR = re.compile(r"""["'`]#(?:[0-9a-fA-F]{3,4}|[0-9a-fA-F]{6}|[0-9a-fA-F]{8})["'`]|(?:rgb|hsl)a?\(\s*\d""")
# The absence of colour: what is drawn where a kind says nothing.
PAPER_AND_INK = {"#fff", "#ffffff", "#000", "#000000"}


@every("path", [p for p in PYTHON if name_of(p) != "geo/crs.py"], ids=name_of)
def test_no_epsg_number_in_python(path: Path) -> None:
    found = [f"line {line}: {value!r}" for line, value in code_strings(path) if _is_epsg(value)]
    assert not found, "EPSG numbers belong into geo/crs.py"


def _is_epsg(value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | str):
        return False
    return bool(EPSG_NUMBER.search(str(value)))


@every("path", PROGRAM_SCRIPTS, ids=name_of)
def test_no_epsg_number_in_scripts(path: Path) -> None:
    assert not EPSG_NUMBER.findall(script_code(path))


def test_no_test_silences_a_logger_for_those_that_come_after() -> None:
    """The same process runs others next; ``caplog.at_level`` and fixtures that put it back are for that."""
    calls = re.compile(r"\.setLevel\(|\.propagate = |basicConfig\(")
    found = [path.name for path in files(".py", under=("tests",)) if calls.search(path.read_text(encoding="utf-8"))]
    assert found == [Path(__file__).name]


@every("path", PYTHON, ids=name_of)
def test_no_colour_in_python(path: Path) -> None:
    found = [f"line {n}: {v!r}" for n, v in code_strings(path) if isinstance(v, str) and _is_colour(v)]
    assert not found, "colours belong into data/kinds.toml"


def _is_colour(text: str) -> bool:
    return bool(COLOUR.search(text)) and text not in PAPER_AND_INK


@every("path", PROGRAM_SCRIPTS, ids=name_of)
def test_no_colour_in_scripts(path: Path) -> None:
    found = [colour for colour in SCRIPT_COLOUR.findall(script_code(path)) if colour.strip("\"'`") not in PAPER_AND_INK]
    assert not found, "colours belong into data/kinds.toml or a style sheet"


@cache
def shipped_names() -> set[str]:
    """Names of the shipped plans' districts, townships and zones, Chinese and English."""
    names: set[str] = set()
    for plan in sorted((ROOT / "data" / "plans").glob("*/plan.toml")):
        district = tomllib.loads(plan.read_text(encoding="utf-8-sig"))["district"]
        # "Xiaoshan District": the first word is the name
        names |= {district["name"], district["name"][:-1], district["name_en"].split()[0]}
        for file in sorted(plan.parent.glob("features/*.toml")):
            for feature in tomllib.loads(file.read_text(encoding="utf-8-sig")).get("feature", []):
                if feature.get("kind") in ("township", "zone"):
                    names.add(feature["name"])
    return names


@every("path", [*PYTHON, *PROGRAM_SCRIPTS], ids=name_of)
def test_no_district_in_code(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not {name for name in shipped_names() if name in text}, "a plan is data"


# ---- nothing of the machine that made it

HOSTS = [".".join(parts) for parts in (("pypi", "org"), ("pythonhosted", "org"), ("npmjs", "org"), ("npmjs", "com"))]
HOSTS += [
    ".".join(parts) for parts in (("npmmirror", "com"), ("debian", "org"), ("aliyun", "com"), ("tsinghua", "edu"))
]
MACHINE_PATH = re.compile(r"(?<![\w.])/(?:" + "|".join(["work", "root", "home", "Users", "opt"]) + r")/[\w.]")


@every("path", [p for p in files() if p.suffix in TEXT], ids=name_of)
def test_no_machine_path_and_no_registry(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not [host for host in HOSTS if host in text]
    assert not MACHINE_PATH.findall(text)


def test_package_lock_names_no_address_and_has_hashes() -> None:
    lock = json.loads((ROOT / "webmap" / "frontend" / "package-lock.json").read_text(encoding="utf-8"))
    packages = {name: entry for name, entry in lock["packages"].items() if name}
    assert packages
    assert not [name for name, entry in packages.items() if "resolved" in entry]
    assert not [name for name, entry in packages.items() if not entry.get("integrity")]


# ---- locks


def test_locks_hold_every_dependency() -> None:
    options = setup_cfg()
    run = requirement_names(options["options"]["install_requires"])
    dev = requirement_names(options["options.extras_require"]["dev"])
    run_lock, dev_lock = locked(ROOT / "requirements.lock"), locked(ROOT / "requirements-dev.lock")
    assert run <= run_lock.keys(), "run `make lock`"
    assert run | dev <= dev_lock.keys(), "run `make lock`"
    assert {name: dev_lock.get(name) for name in run_lock} == run_lock, "the locks disagree: run `make lock`"


def test_locks_have_hashes_and_no_giants() -> None:
    for name in ("requirements.lock", "requirements-dev.lock"):
        text = (ROOT / name).read_text(encoding="utf-8")
        pins = len(re.findall(r"(?m)^[\w.-]+(?:\[[\w,]+\])?==", text))
        assert pins > 30
        assert len(re.findall(r"(?m)^[\w.-]+.*\\\n\s+--hash=sha256:", text)) == pins
    giants = {"torch", "tensorflow", "jax", "pyarrow", "nvidia-cublas-cu12", "pyspark"}
    assert not giants & locked(ROOT / "requirements-dev.lock").keys()


# ---- words


HAN = re.compile(r"[\u4e00-\u9fff]")


def catalogues() -> list[Path]:
    return [path for path in files(".toml", under=PACKAGES) if "message" in name_of(path)]


def entries(table: dict[str, object], prefix: str = "") -> Iterator[tuple[str, dict[str, str]]]:
    fields = {key: value for key, value in table.items() if isinstance(value, str)}
    if fields:
        yield prefix, fields
    for key, value in table.items():
        if isinstance(value, dict):
            yield from entries(value, f"{prefix}.{key}" if prefix else key)


def test_there_are_catalogues_of_every_package() -> None:
    assert {path.relative_to(ROOT).parts[0] for path in catalogues()} == set(PACKAGES)


@every("path", catalogues(), ids=name_of)
def test_catalogue_is_complete(path: Path) -> None:
    found = list(entries(tomllib.loads(path.read_text(encoding="utf-8"))))
    assert found
    assert not [f"{key}: {fault}" for key, fields in found for fault in _faults(key, fields)]


def _faults(key: str, fields: dict[str, str]) -> Iterator[str]:
    """What is wrong with an entry; a language may be empty (a counting word), but must be there."""
    if not {"zh", "en"} <= set(fields) or not any(fields.values()):
        yield "a language is missing"
        return
    if ("remedy_zh" in fields) != ("remedy_en" in fields):
        yield "a remedy is missing"
    if extra := set(fields) - {"zh", "en", "remedy_zh", "remedy_en"}:
        yield f"unknown fields {extra}"
    for one, other in (("zh", "en"), ("remedy_zh", "remedy_en")):
        if _holes(fields.get(one, "")) != _holes(fields.get(other, "")):
            yield "the languages name different parameters"
    if "lang" in key.rpartition(".")[2]:  # a language is named in itself
        return
    if re.search("[A-Za-z]{4,}", HOLE.sub("", fields["zh"])) and not HAN.search(fields["zh"]):
        yield "zh is not Chinese"
    if HAN.search(fields["en"]) and not re.search("[A-Za-z]{2,}", HOLE.sub("", fields["en"])):
        yield "en is not English"  # both languages side by side are fine: a command's help has no switch


HOLE = re.compile(r"\{(\w+)\}")


def _holes(text: str) -> set[str]:
    return set(HOLE.findall(text))


@cache
def all_keys() -> set[str]:
    return {key for path in catalogues() for key, _ in entries(tomllib.loads(path.read_text(encoding="utf-8")))}


@every("path", PYTHON, ids=name_of)
def test_errors_use_known_messages(path: Path) -> None:
    known = all_keys()
    used = set()
    for node in nodes(path):
        if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            called = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            if called.endswith("Error") and isinstance(node.args[0].value, str):
                used.add(node.args[0].value)
    keys = {key for key in used if re.fullmatch(r"[a-z0-9_]+(\.[a-z0-9_]+)+", key)}
    assert not keys - known


@every("path", PROGRAM_SCRIPTS, ids=name_of)
def test_scripts_use_known_messages(path: Path) -> None:
    used = set(re.findall(r"""\bt\(\s*["']([a-z0-9_]+(?:\.[a-z0-9_]+)+)["']""", script_code(path)))
    assert not used - all_keys()
