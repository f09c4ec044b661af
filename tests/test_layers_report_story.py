"""Stories: written in a plan folder, checked, carried in the edition, and written as PDF and slides."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import libreoffice
import pptx
import pypdfium2
import pytest
from cases import every
from click.testing import CliRunner
from tiny_folder import edit, write_tiny_plan
from web_edition import HOSTILE, make_edition

from layers.build.assemble import build
from layers.build.check import check
from layers.edition.file import Edition, read, write
from layers.edition.publication import released
from layers.edition.sound import check_meta
from layers.edition.store import Store
from layers.model.errors import EditionError, LayersError
from layers.model.prose import Piece, Run, pieces, unkept
from layers.report import story as stories
from webmap.app import create_app
from webmap.cli import main

STORY = '''
title = "两步看试县"
title_en = "Shi in two steps"
summary = "试"
summary_en = "A trial"

[[step]]
title = "西片"
title_en = "The west"
text = """
先看**西片**。

1. 甲镇
2. 丙镇
"""
text_en = "First the **west**."
cites = ["3.1.1"]
view = "overview"
zone = "west"

[[step]]
title = "面积"
title_en = "Area"
text = "再看面积。"
text_en = "Then the area."
cites = ["3.2"]
view = "overview"
layers = ["zones", "townships", "district"]
indicator = "area_km2"
level = "township"
year = 2026
'''
FILE = "stories/tour.toml"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The invented district with a story."""
    made = write_tiny_plan(tmp_path)
    (made / "stories").mkdir()
    (made / FILE).write_text(STORY, encoding="utf-8")
    return made


def told(edition: Edition) -> Edition:
    """The edition with a story of two steps."""
    meta = copy.deepcopy(edition.meta)
    meta["stories"] = [
        {"id": "tour", "name": "导览", "name_en": "Tour", "summary": "试", "summary_en": "",
         "steps": [{"title": "西", "title_en": "West", "text": "看 **西片**", "text_en": "See the **west**",
                    "cites": ["7.1.1"], "view": "overview", "zone": "west"},
                   {"title": "路", "title_en": "Road", "text": "看路", "view": "overview",
                    "layers": ["expressways", "district"]}]}
    ]  # fmt: skip
    return make_edition(meta=meta)


def test_words_are_read_as_data() -> None:
    """Paragraphs, lists, emphasis and links; all else stays what it says."""
    assert pieces("甲**乙**\n丙") == (Piece((Run("甲"), Run("乙", strong=True), Run("丙"))),)
    assert [(piece.text, piece.depth, piece.number) for piece in pieces("3. a\n4. b\n   - c\n\n     d")] == [
        ("a", 1, 3), ("b", 1, 4), ("c\nd", 2, 0),
    ]  # fmt: skip
    assert pieces("[x](javascript:alert)")[0].runs == (Run("[x](javascript:alert)"),)
    assert pieces("[x](https://u:p@a.example)")[0].runs == (Run("x"),)
    assert pieces("<b>a</b>")[0].text == "<b>a</b>"


@every(
    "case",
    (
        ("![a](b)", "image"), ("# a", "heading"), ("`a`", "code"), ("> a", "quote"), ("a\n\n---", "rule"),
        ("a<br>b", "html"), ("[a](/b)", "address"), ("**“一带”**是", "stars"), ("A<B，2 * 3", ""), ("“**一带**”是", ""),
    ),
)  # fmt: skip
def test_what_is_not_kept_is_told(case: tuple[str, str]) -> None:
    """Each kind of markup that would be shown as it is written."""
    assert unkept(case[0]) == ((case[1],) if case[1] else ())


FAULTS = [
    ('view = "overview"\nzone', 'view = "overvew"\nzone', "view", "story.unknown_view"),
    ('zone = "west"', 'zone = "wast"', "zone", "story.unknown_zone"),
    ('zone = "west"', 'township = "x"', "township", "story.unknown_township"),
    ('zone = "west"', 'feature = "pole/x"', "feature", "story.unknown_feature"),
    ('zone = "west"', 'zone = "west"\nfeature = "district"', "extent", "story.two_places"),
    ('zone = "west"', "extent = [104.2, 30.6, 104.1, 30.7]", "extent", "view.bounds"),
    ('zone = "west"', 'level = "zone"', "indicator", "story.no_indicator"),
    ('"townships", "district"]', '"townshps", "district"]', "layers", "story.unknown_layer"),
    ('"area_km2"', '"area_km3"', "indicator", "story.unknown_indicator"),
    ('"area_km2"', '"t1-01"', "level", "story.no_values"),
    ("year = 2026", "year = 2024", "year", "story.no_year"),
    ('["3.1.1"]', '["9.9"]', "cites", "cite.unknown_clause"),
    ('"再看面积。"', '"再看<b>面积</b>。"', "text", "story.html"),
    ('text = "再看面积。"\n', "", "text", "field.missing"),
    ('text_en = "Then the area."\n', "", "text_en", "field.no_english"),
    ("year = 2026", "yaer = 2026", "yaer", "field.unknown"),
]


@every("case", FAULTS)
def test_each_fault_is_one_problem(case: tuple[str, str, str, str], tmp_path: Path) -> None:
    """With its place, in both languages, with a remedy; and no other."""
    made = write_tiny_plan(tmp_path / str(FAULTS.index(case)))
    before = {(one.file, one.key) for one in check(made)}
    (made / "stories").mkdir()
    (made / FILE).write_text(STORY, encoding="utf-8")
    assert {(one.file, one.key) for one in check(made)} == before
    edit(made, FILE, case[0], case[1])
    (found,) = [one for one in check(made) if (one.file, one.key) not in before]
    assert (found.file, found.field, found.key) == (FILE, case[2], case[3])
    assert found.line is not None
    for lang in ("zh", "en"):
        assert found.text(lang)
        assert found.remedy(lang)


def test_an_edition_carries_them(folder: Path, tmp_path: Path) -> None:
    """Written and read again; a folder without them keeps the hash that it had."""
    edition = build(folder)
    path = tmp_path / "tiny.gpkg"
    write(edition, path)
    story = Store(read(path)).stories["tour"]
    assert [step["title"] for step in story["steps"]] == ["西片", "面积"]
    assert story["steps"][1]["year"] == 2026
    (folder / FILE).unlink()
    without = build(folder)
    assert "stories" not in without.meta
    assert without.hash != edition.hash


@every("value", ("nobody", None, -7, 1.5, [7], {"x": 1}, float("nan")))
def test_a_spoilt_story_is_refused_when_opened(value: Any) -> None:
    """Whatever stands in the place of a step's fields that must be sound."""
    for field in ("view", "layers", "year", "extent"):
        meta = told(make_edition()).meta
        meta["stories"][0]["steps"][0][field] = value
        with pytest.raises(EditionError):
            check_meta(meta)


def test_for_the_public_steps_of_hidden_layers_stay_behind() -> None:
    """A step about a layer that is not marked goes whole, and with its last step a story."""
    edition = told(make_edition())
    for record in edition.meta["layers"]:
        record["public"] = record["id"] in ("zones", "townships")
    (story,) = released(edition).meta["stories"]
    assert [step["title"] for step in story["steps"]] == ["西"]
    for record in edition.meta["layers"]:
        record["public"] = record["id"] == "hubs"
    assert released(edition).meta["stories"] == []


def test_the_command_lists_and_writes(folder: Path, tmp_path: Path) -> None:
    """Both forms, the same bytes every time; unknown names and formats are told."""
    path = tmp_path / "tiny.gpkg"
    write(build(folder), path)
    run = CliRunner().invoke
    assert "tour  两步看试县  2" in run(main, ["story", str(path)]).output
    for suffix in ("pdf", "pptx"):
        first, second = (tmp_path / f"{name}.{suffix}" for name in ("a", "b"))
        for target in (first, second):
            assert run(main, ["story", "tour", str(path), "-o", str(target)]).exit_code == 0
        assert first.read_bytes() == second.read_bytes()
    wrong = run(main, ["story", "tuor", str(path), "-o", str(tmp_path / "x.pdf")])
    assert wrong.exit_code == 1
    assert "tour" in wrong.output
    assert run(main, ["story", "tour", str(path), "-o", str(tmp_path / "x.doc")]).exit_code == 1
    assert run(main, ["story", "tour", str(path)]).exit_code == 2


def test_slides_are_text_with_alternative_texts_and_languages(tmp_path: Path) -> None:
    """What an office opens: titles in their places, words as text, fonts and language on each run, notes."""
    path = tmp_path / "tour.pptx"
    stories.write(Store(told(make_edition())), "tour", path, "zh", clause=lambda cite: f"https://maps.example/{cite}")
    slides = list(pptx.Presentation(str(path)).slides)
    assert [slide.shapes.title.text for slide in slides] == ["导览", "西", "路"]
    (picture,) = [shape for shape in slides[1].shapes if shape.shape_type == pptx.enum.shapes.MSO_SHAPE_TYPE.PICTURE]
    assert "片区 2 个" in picture._element.nvPicPr.cNvPr.get("descr")
    runs = [run for shape in slides[1].shapes if shape.has_text_frame for paragraph in shape.text_frame.paragraphs
            for run in paragraph.runs]  # fmt: skip
    assert [run.text for run in runs if run.font.bold] == ["西", "西片"]
    assert {run._r.rPr.get("lang") for run in runs} == {"zh-CN"}
    assert all(run._r.rPr.find("{*}ea") is not None for run in runs)
    assert [run.hyperlink.address for run in runs if run.hyperlink.address] == ["https://maps.example/7.1.1"]
    assert "看 西片" in slides[1].notes_slide.notes_text_frame.text
    assert pptx.Presentation(str(path)).core_properties.language == "zh-CN"


def test_libreoffice_prints_the_slides(tmp_path: Path) -> None:
    """Each slide with its words, and ink where its map is."""
    path = tmp_path / "tour.pptx"
    stories.write(Store(told(make_edition())), "tour", path, "en")
    pdf = pypdfium2.PdfDocument(libreoffice.printed(path, tmp_path))
    words = [page.get_textpage().get_text_bounded() for page in pdf]
    assert len(words) == 3
    assert "Tour" in words[0]
    assert "See the west" in words[1].replace("\n", " ")
    assert "2 / 2" in words[2]
    image = pdf[1].render(scale=1).to_numpy()[:, :, :3]
    width = image.shape[1]
    assert (image[:, : width * 6 // 10] < 250).any(axis=2).mean() > 0.2
    # Nothing stands beyond the slide's right or lower edge.
    assert (image[:, -8:] > 250).all()
    assert (image[-4:] > 250).all()


def test_the_pdf_is_tagged_and_searchable(tmp_path: Path) -> None:
    """Text as text, an outline by step, alternative texts."""
    path = tmp_path / "tour.pdf"
    stories.write(Store(told(make_edition())), "tour", path, "zh", mark="内部")
    pdf = pypdfium2.PdfDocument(path)
    assert [item.get_title() for item in pdf.get_toc()] == ["西", "路"]
    assert "看 西片" in pdf[1].get_textpage().get_text_bounded()
    assert "内部" in pdf[1].get_textpage().get_text_bounded()
    assert b"/StructTreeRoot" in path.read_bytes()


def test_hostile_words_stay_words(tmp_path: Path) -> None:
    """Names that would be markup somewhere come out as text, on the page and in both files."""
    edition = told(make_edition())
    step = edition.meta["stories"][0]["steps"][0]
    step |= dict.fromkeys(("title", "title_en", "text", "text_en"), HOSTILE + "#show: $x$ {{ 7*7 }}")
    store = Store(edition)
    for suffix in ("pdf", "pptx"):
        assert stories.write(store, "tour", tmp_path / f"h.{suffix}", "zh") == 2
    page = create_app({}, edition=edition).test_client().get("/story/tour").text
    assert "<img src=x" not in page
    assert "{{ 7*7 }}" in page


def test_what_is_not_there_is_told() -> None:
    """An edition without stories, a name that is none."""
    with pytest.raises(LayersError, match="没有讲述"):
        stories.find(Store(make_edition()), "tour")
    client = create_app({}, edition=make_edition()).test_client()
    assert "stories/" in client.get("/story").text
    assert client.get("/story/tour").status_code == 404
    assert "/story" not in client.get("/start").text


def test_pages_show_every_step_without_a_script() -> None:
    """A picture with each step where no script runs or no map may be framed; clauses; the policy for frames."""
    client = create_app({"PLANMAP_FRAME_ANCESTORS": "https://a.example"}, edition=told(make_edition())).test_client()
    page = client.get("/story/tour?lang=en")
    assert page.text.count("<noscript><img") == 2
    assert "/chapter/7?lang=en#7.1.1" in page.text
    assert "frame-ancestors 'self'" in page.headers["Content-Security-Policy"].split("; ")
    embed = client.get("/story/tour/embed").headers["Content-Security-Policy"]
    assert "frame-ancestors 'self' https://a.example" in embed.split("; ")
    still = create_app({"PLANMAP_FRAME_ANCESTORS": "'none'"}, edition=told(make_edition())).test_client()
    text = still.get("/story/tour").text
    assert "<iframe id" not in text
    assert text.count('class="story-picture"') == 2
    assert "导览" in still.get("/start").text
    assert "/story/tour" in still.get("/story").text


def test_the_command_refuses_a_story_of_vast_layers_alone_as_the_page_does(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The three townships count as very many: no file is made of a story that shows them alone."""
    shown = 'layers = ["zones", "townships", "district"]'
    told = (folder / "stories" / "tour.toml").read_text(encoding="utf-8")
    alone = told.replace('zone = "west"', 'layers = ["townships"]').replace(shown, 'layers = ["townships"]')
    (folder / "stories" / "vast.toml").write_text(alone, encoding="utf-8")
    path = tmp_path / "tiny.gpkg"
    write(build(folder), path)
    monkeypatch.setattr("layers.edition.large.VAST", 2)
    target = tmp_path / "vast.pptx"
    refused = CliRunner().invoke(main, ["story", "vast", str(path), "-o", str(target)])
    assert refused.exit_code == 1
    assert "vast 的每一步都只有要素很多的图层" in refused.output
    assert not target.exists()
    listed = CliRunner().invoke(main, ["story", str(path)]).output
    assert "tour" in listed
    assert "vast" not in listed
