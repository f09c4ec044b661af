"""Peers of the live services, installed into a temporary folder by the benchmark itself; each says what it lacks."""

from __future__ import annotations

import contextlib
import importlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import unquote

import psutil

from benchmarks._asking import ROOT, Server, running

PEER_PYTHON = next((one for one in ("/usr/bin/python3",) if Path(one).is_file()), sys.executable)
"""pygeoapi wants a Python whose SQLite may load SpatiaLite, as Debian's may; QGIS is made for Debian's."""
PROVIDER = """
server:
  bind: {{host: 127.0.0.1, port: {port}}}
  url: "http://127.0.0.1:{port}"
  mimetype: application/json; charset=UTF-8
  encoding: utf-8
  gzip: false
  languages: [en-US]
  limits: {{default_items: 100, max_items: 10000}}
  map: {{url: "http://127.0.0.1/none", attribution: none}}
logging: {{level: ERROR}}
metadata:
  identification:
    {{title: t, description: t, keywords: [t], keywords_type: theme, terms_of_service: none, url: "http://t"}}
  license: {{name: none, url: "http://t"}}
  provider: {{name: t, url: "http://t"}}
  contact: {{name: t, email: t@t.t, url: "http://t"}}
resources:
  {layer}:
    type: collection
    title: t
    description: t
    keywords: [t]
    extents: {{spatial: {{bbox: [-180, -90, 180, 90], crs: "http://www.opengis.net/def/crs/OGC/1.3/CRS84"}}}}
    providers: [{{type: feature, name: SQLiteGPKG, data: "{data}", id_field: fid, table: {layer}}}]
"""
PROJECT = """
import sys
from qgis.core import QgsApplication, QgsCoordinateReferenceSystem, QgsProject, QgsProviderRegistry, QgsVectorLayer
app = QgsApplication([], False)
app.initQgis()
source, target, plain, unnamed, names = *sys.argv[1:5], sys.argv[5:]
project = QgsProject.instance()
assert project.read(f"geopackage:{source}?projectName=test-plan")
above = [layer.id() for layer in project.layerTreeRoot().layerOrder()]
layers = project.mapLayers().values()
kept, seen = [], set()
for layer in sorted(layers, key=lambda one: above.index(one.id()) if one.id() in above else len(above)):
    told = QgsProviderRegistry.instance().decodeUri(layer.providerType(), layer.source())
    if told.get("layerName") not in names:
        project.removeMapLayer(layer.id())
        continue
    # The paper below all is a layer of its own in the project, of the same table as the border.
    layer.setShortName("paper" if told["layerName"] in seen else told["layerName"])
    seen.add(told["layerName"])
    layer.setLabelsEnabled(layer.labelsEnabled() and told["layerName"] != unnamed)
    kept.append(layer.id())
assert len(kept) == len(names) + 1
assert project.write(target)
project.clear()
project.setCrs(QgsCoordinateReferenceSystem("EPSG:4326"))
layers = [QgsVectorLayer(f"{source}|layername={name}", name, "ogr") for name in names]
assert all(layer.isValid() for layer in layers)
project.addMapLayers(layers)
project.writeEntry("WFSLayers", "/", [layer.id() for layer in layers])
assert project.write(plain)
"""
LIGHTTPD = """
server.bind = "127.0.0.1"
server.port = {port}
server.document-root = "{root}"
server.modules = ("mod_fastcgi")
fastcgi.server = ("/q" => (("bin-path" => "{root}/usr/lib/cgi-bin/qgis_mapserv.fcgi", "socket" => "{root}/socket",
  "max-procs" => 2, "check-local" => "disable", "bin-environment" => ("QT_QPA_PLATFORM" => "offscreen",
  "QGIS_PREFIX_PATH" => "{root}/usr", "LC_ALL" => "C.UTF-8"))))
"""
_DEBIAN = ("qgis-server-bin", "qgis-server-common", "qgis-server-wfs", "qgis-server-wms", "libfcgi0ldbl", "lighttpd")


class MissingPeerError(Exception):
    """A peer cannot be had here; says why."""


def _run(command: Sequence[object], told: str, **environ: str) -> None:
    done = subprocess.run(
        list(map(str, command)), env={**os.environ, **environ}, check=False, capture_output=True, text=True, timeout=900
    )
    if done.returncode:
        raise MissingPeerError(f"{told}: {(done.stderr or done.stdout).strip()[-200:]}")


def _installed(folder: Path, name: str, *packages: str) -> Path:
    where = folder / name
    _run([sys.executable, "-m", "uv", "venv", "-q", "--python", PEER_PYTHON, where], "no virtual environment")
    python = where / "bin" / "python"
    _run([sys.executable, "-m", "uv", "pip", "install", "-q", "--python", python, *packages], f"no {name} from PyPI")
    return where / "bin"


@contextlib.contextmanager
def pygeoapi(path: Path, layer: str, port: int, folder: Path) -> Iterator[Server]:
    """Pygeoapi with its provider for GeoPackages, under gunicorn."""
    programs = _installed(folder, "pygeoapi", "pygeoapi", "gunicorn")
    config, openapi, own = folder / "peer.yml", folder / "openapi.yml", folder / "peer.gpkg"
    shutil.copyfile(path, own)  # it writes into the file that it reads; an edition that is being written is not served
    config.write_text(PROVIDER.format(port=port, layer=layer, data=own), encoding="utf-8")
    environ = {
        "PYGEOAPI_CONFIG": str(config),
        "PYGEOAPI_OPENAPI": str(openapi),
        "SPATIALITE_LIBRARY_PATH": "mod_spatialite",
    }
    made = [programs / "pygeoapi", "openapi", "generate", config, "--output-file", openapi]
    _run(made, "pygeoapi does not start", **environ)
    server = [f"{programs}/gunicorn", "-w", "2", "-b", f"127.0.0.1:{port}", "pygeoapi.flask_app:APP"]
    with running(server, f"http://127.0.0.1:{port}/?f=json", **environ) as process:
        yield [process], f"http://127.0.0.1:{port}/collections/{layer}"


@contextlib.contextmanager
def tipg(path: Path, layer: str, port: int, folder: Path) -> Iterator[Server]:
    """Tipg on PostGIS, under uvicorn; the layer is put there by GDAL's ogr2ogr."""
    sys.path.insert(0, str(ROOT / "tests"))
    database = importlib.import_module("postgres_server")
    if database.programs() is None or shutil.which("ogr2ogr") is None:
        raise MissingPeerError("no PostGIS, or no ogr2ogr: apt-get install postgresql-15-postgis-3 gdal-bin")
    programs = _installed(folder, "tipg", "tipg", "uvicorn")
    with database.postgres() as address:
        where = address.rpartition("@")[2].replace("%2F", "/")
        dsn = f"host={where} user=postgres dbname=postgres"
        _run(["psql", dsn, "-qc", "CREATE EXTENSION postgis"], "no PostGIS")
        # Degrees as services give them out; an index as ogr2ogr makes it.
        copy = [
            "ogr2ogr",
            "-f",
            "PostgreSQL",
            f"PG:{dsn}",
            path,
            layer,
            "-t_srs",
            "EPSG:4326",
            "-nlt",
            "PROMOTE_TO_MULTI",
        ]
        _run(copy, "ogr2ogr cannot write")
        environ = {"DATABASE_URL": f"{address}/postgres"}
        server = [f"{programs}/uvicorn", "tipg.main:app", "--workers", "2", "--port", str(port), "--log-level", "error"]
        base = f"http://127.0.0.1:{port}/collections/public.{layer}"
        with running(server, base, **environ) as process:
            # What is asked of the database it does for tipg alone.
            cluster = int((Path(unquote(where)) / "c" / "postmaster.pid").read_text().split()[0])
            yield [process, psutil.Process(cluster)], base


@contextlib.contextmanager
def qgis_server(path: Path, layers: Sequence[str], unnamed: str, port: int, folder: Path) -> Iterator[Server]:
    """QGIS Server, two processes of FastCGI behind lighttpd: Debian's packages, unpacked and not installed.

    Args:
        path: The edition: shown by its own project, and as ``plain`` as QGIS draws what it knows nothing of.
        layers: Those of the project.
        unnamed: The layer whose names are left out, as planmap does where there are too many.
        port: Where it listens.
        folder: For all that is made.
    """
    root, project = folder / "qgis", folder / "project.qgs"
    root.mkdir()
    if shutil.which("apt-get") is None or not Path("/usr/share/qgis").is_dir():
        raise MissingPeerError("no QGIS of Debian's: apt-get install python3-qgis")
    fetch = f"cd '{root}' && apt-get download -qq {' '.join(_DEBIAN)} && for one in *.deb; do dpkg -x $one .; done"
    _run(["sh", "-c", fetch], "no QGIS Server from Debian")
    (root / "usr/lib/qgis/plugins").symlink_to("/usr/lib/qgis/plugins")
    for one in Path("/usr/share/qgis").iterdir():
        with contextlib.suppress(FileExistsError):
            (root / "usr/share/qgis" / one.name).symlink_to(one)
    script = [PEER_PYTHON, "-c", PROJECT, path, project, folder / "plain.qgs", unnamed, *layers]
    _run(script, "no project", QT_QPA_PLATFORM="offscreen")
    config = root / "lighttpd.conf"
    config.write_text(LIGHTTPD.format(port=port, root=root), encoding="utf-8")
    libraries = {"LD_LIBRARY_PATH": f"{root}/usr/lib/x86_64-linux-gnu"}
    server = [f"{root}/usr/sbin/lighttpd", "-D", "-f", str(config), "-m", f"{root}/usr/lib/lighttpd"]
    base = f"http://127.0.0.1:{port}/q/?map={folder}"
    with running(server, f"{base}/{project.name}&SERVICE=WMS&REQUEST=GetCapabilities", **libraries) as process:
        yield [process], base
