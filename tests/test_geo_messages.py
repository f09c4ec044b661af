"""Catalogues and errors: texts in two languages, parameters that stay data."""

import ast
import copy
import datetime
import re
from pathlib import Path

import pytest

from geo.errors import GeoError, PlanmapError
from geo.messages import Catalogue, plain

GEO = Path(__file__).parent.parent / "geo"
CATALOGUE = PlanmapError.catalogue


@pytest.fixture
def catalogue(tmp_path):
    file = tmp_path / "messages.toml"
    file.write_text('[a.b]\nzh = "中 {x}"\nen = "E {x}"\nremedy_zh = "办 {x}"\n[only]\nzh = "只有中文"\n', "utf-8")
    return Catalogue(file)


def raised_keys():
    """Every `…error("key", name=…)` in the package and of its kind in `layers`: key, names of parameters (None: **)."""
    for path in sorted([*GEO.rglob("*.py"), *(GEO.parent / "layers").rglob("*.py")]):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not (isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant)):
                continue
            name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            raised = ("GeoError", "error") if GEO in path.parents else ("GeoError",)
            if name in raised and isinstance(node.args[0].value, str):
                names = {k.arg for k in node.keywords}
                yield f"{path.name}:{node.lineno}", node.args[0].value, names


def placeholders(key):
    return {name for text in CATALOGUE.entries[key].values() for name in re.findall(r"\{(\w+)\}", text)}


def test_text_in_both_languages(catalogue):
    assert catalogue.text("a.b", "zh", x=1) == "中 1"
    assert catalogue.text("a.b", "en", x=1) == "E 1"


@pytest.mark.parametrize("lang", ["fr", "", "EN", "<img>"])
def test_unknown_language_falls_back_to_chinese(catalogue, lang):
    assert catalogue.text("a.b", lang, x=1) == "中 1"


def test_text_missing_in_a_language_falls_back_to_chinese(catalogue):
    assert catalogue.text("only", "en") == "只有中文"
    assert catalogue.remedy("a.b", "en", x=2) == "办 2"


def test_unknown_key_and_missing_parameter_are_faults(catalogue):
    with pytest.raises(KeyError):
        catalogue.text("a.c", "zh")
    with pytest.raises(KeyError):
        catalogue.text("a.b", "zh")


def test_key_twice_is_a_fault(tmp_path):
    (tmp_path / "1.toml").write_text('[a]\nzh = "1"\n', "utf-8")
    (tmp_path / "2.toml").write_text('[a]\nzh = "2"\n', "utf-8")
    with pytest.raises(ValueError, match="twice"):
        Catalogue(tmp_path).text("a")


@pytest.mark.parametrize("value", ["{x}", "{0.__class__}", "%s", "${x}", "{", "}}", "\\1", "\\g<0>"])
def test_parameters_are_never_format_strings(catalogue, value):
    assert catalogue.text("a.b", "en", x=value) == f"E {value}"


def test_plain_shows_what_could_turn_or_drive_the_text():
    assert plain("a\u202eb\x1b[31m\n") == "a\\u202eb\\u001b[31m\\u000a"
    assert plain("萧山 '\"<b>&") == "萧山 '\"<b>&"


def test_plain_cuts_long_values():
    assert plain("名" * 10_000) == "名" * 200 + "…"


def test_plain_numbers_and_lists():
    assert plain(30.10) == "30.1"
    assert plain(120.1234567) == "120.1234567"
    assert plain(["a", "b"], "zh") == "a、b"
    assert plain(("a", 2), "en") == "a, 2"
    assert plain(float("nan")) == "nan"


def test_plain_shows_values_as_toml_writes_them_and_never_as_python_does():
    shown = {
        "true": True, '{ name = "甲", n = [1, "b"], ok = false }': {"name": "甲", "n": [1, "b"], "ok": False},
        "2026-01-01": datetime.date(2026, 1, 1), "–": None,
    }  # fmt: skip
    assert {plain(value): value for value in shown.values()} == shown


def test_error_says_where():
    error = GeoError("crs.unknown", text="x", where="union[1].file")
    assert error.message("en") == "union[1].file: Unknown coordinate reference system: x"
    assert error.message() == "union[1].file：未知坐标系：x" == str(error)
    assert "4490" in error.remedy("en")


def test_error_survives_copying_as_between_processes():
    error = copy.copy(GeoError("crs.unknown", text="x"))
    assert (type(error), error.key, error.params) == (GeoError, "crs.unknown", {"text": "x"})


def test_subclass_brings_its_own_catalogue(catalogue):
    own = type("OwnError", (PlanmapError,), {"catalogue": catalogue})
    assert own("a.b", x="y").message("en") == "E y"


def test_every_entry_is_complete():
    for key, fields in CATALOGUE.entries.items():
        if key.startswith("reason."):  # a part of a sentence
            assert set(fields) == {"zh", "en"}, key
            continue
        assert set(fields) == {"zh", "en", "remedy_zh", "remedy_en"}, key
        assert all(fields.values()), key
        zh, en = (set(re.findall(r"\{(\w+)\}", fields[lang])) for lang in ("zh", "en"))
        assert zh == en, key


def test_every_error_raised_has_a_text_and_its_parameters():
    found = list(raised_keys())
    assert len(found) > 50
    for where, key, names in found:
        assert key in CATALOGUE, f"{where}: {key}"
        if None not in names:  # no **params
            assert placeholders(key) <= names, f"{where}: {key} lacks {placeholders(key) - names}"


def test_every_text_is_used():
    used = {key for _, key, _ in raised_keys()} | {
        f"coverage.{kind}" for kind in ("gap", "overlap", "outside", "invalid")
    }
    reasons = {key for key in CATALOGUE.entries if key.startswith("reason.")}
    named = re.findall(
        r'"([a-z_]+)"', "".join((GEO / file).read_text("utf-8") for file in ("reasons.py", "foreign/text.py"))
    )
    assert set(CATALOGUE.keys()) == used | {f"reason.{name}" for name in named} & reasons
