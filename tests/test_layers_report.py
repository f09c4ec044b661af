"""What the report says, whoever writes it: wording, observed values, text as data, templates refused; the PDF."""

from __future__ import annotations

import io
import re
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import docx
import pandas as pd
import pypdfium2
import pytest
from click.testing import CliRunner
from docx.oxml.ns import qn
from web_edition import HOSTILE, figures_edition, hostile_figures

from layers.edition.inventory import Inventory, inventory
from layers.edition.store import Store
from layers.model.errors import LayersError
from layers.report import blocks, chapters, wording, write
from layers.report.blocks import Document, Paragraph, Table, said
from layers.report.facts import NoLinks
from layers.report.printed import printed
from webmap.cli import main

SHOWN = printed(HOSTILE)


@pytest.fixture(scope="module")
def small() -> Inventory:
    return inventory(Store(figures_edition()))


def report(found: Inventory, lang: str = "zh") -> Document:
    return chapters.report(found, wording.read(None, lang), NoLinks())


def table(document: Document, key: str) -> Table:
    return next(one for chapter in document.chapters for one in chapter.blocks
                if isinstance(one, Table) and one.key == key)  # fmt: skip


def told(document: Document) -> str:
    texts = [one.text for chapter in document.chapters for one in chapter.blocks if isinstance(one, Paragraph)]
    return "\n".join("".join(document.label(span.ref) if span.ref else span.text for span in one) for one in texts)


# ---- what it says


def test_without_observed_values_it_says_so(small: Inventory) -> None:
    document = report(small)
    assert "没有规划期内的观测值" in told(document)
    assert "course" not in document.numbers


def test_with_observed_values_it_shows_their_course() -> None:
    """Base 100, goal 200, reached 130 and 160: 60 of the 100 on the way are 60 per cent. A quarter is no year."""
    edition = figures_edition()
    name = str(edition.indicators[edition.indicators["origin"] == "stated"]["id"].iloc[0])
    blank = dict.fromkeys(edition.observations.columns, "")
    years = {"baseline": (2020, 100.0), "target": (2025, 200.0), "2021": (2021, 130.0), "2023": (2023, 160.0),
             "2023Q3": (2023, 155.0)}  # fmt: skip
    rows = [
        {**blank, "indicator": name, "place": "district", "level": "district", "year": year, "value": value,
         "role": role if role in ("baseline", "target") else "observed", "low": None, "high": None,
         "period": role if role[:1].isdigit() else ""}
        for role, (year, value) in years.items()
    ]  # fmt: skip
    others = edition.observations[edition.observations["indicator"] != name]
    edition = replace(edition, observations=pd.concat([others, pd.DataFrame(rows)], ignore_index=True))
    document = report(inventory(Store(edition)))
    made = table(document, "course")
    assert [one.heading for one in made.columns][1:4] == ["基期", "2021 年", "2023 年"]
    assert [said(cell) for cell in made.rows[0]][1:6] == ["100", "130", "160", "200", "60%"]
    assert "没有规划期内的观测值" not in told(document)


def test_verdicts_are_counted(small: Inventory) -> None:
    """By hand: of the five claims of the plan one agrees, one differs, two are noted, one is unchecked."""
    assert "相符 1 项，不符 1 项，提示 2 项，无法校核 1 项" in told(report(small))
    rows = [[said(cell) for cell in row] for row in table(report(small), "claims").rows]
    assert ["高速里程", "40\u202f公里", "38.9\u202f公里", "", "第二章第四节 1"] in rows
    assert "另有 1 项是编者的自检" in told(report(small))


def test_english_has_no_chinese_of_ours() -> None:
    """All Chinese that is left comes from the edition, which has none in the texts of the program."""
    entries = wording._entries()
    assert not [key for key, one in entries.items() if re.search(r"[\u4e00-\u9fff]", one["en"])]


def test_numbers_follow_the_order() -> None:
    found = inventory(Store(figures_edition()))
    document = chapters.report(found, wording.Wording("zh"), NoLinks(), ("claims", "overall"))
    assert (document.label("claims"), document.label("states"), document.label("layout")) == ("表1-1", "表2-1", "图2-1")


def test_a_document_beyond_all_measure_is_refused(monkeypatch: pytest.MonkeyPatch, small: Inventory) -> None:
    monkeypatch.setattr(blocks, "MOST_ROWS", 10)
    with pytest.raises(LayersError) as caught:
        report(small)
    assert caught.value.key == "report.too_long"
    assert "order" in caught.value.remedy("en")


# ---- files


@pytest.mark.parametrize("suffix", [".docx", ".pdf"])
def test_text_is_data(suffix: str, tmp_path: Path) -> None:
    """Names in the languages of pages, of Word and of the typesetter are shown as they are written."""
    edition = hostile_figures()
    edition.meta["plan"]["attribution"] = '{{ 7*7 }} #read("x") $1$ <b>'
    path = tmp_path / f"r{suffix}"
    write.write(inventory(Store(edition)), path, write.Wanted("zh", NoLinks()))
    if suffix == ".docx":
        text = "".join(one.text or "" for one in docx.Document(str(path)).element.body.iter(qn("w:t")))
    else:
        pages = pypdfium2.PdfDocument(path)
        text = "".join(page.get_textpage().get_text_range() for page in pages)
    squeezed = re.sub(r"\s|\ufffe", "", text)
    assert re.sub(r"\s", "", SHOWN) in squeezed
    assert '{{7*7}}#read("x")$1$<b>' in squeezed


def test_the_pdf_is_tagged_and_has_an_outline(small: Inventory, tmp_path: Path) -> None:
    path = tmp_path / "r.pdf"
    write.write(small, path, write.Wanted("zh", NoLinks()))
    document = pypdfium2.PdfDocument(path)
    assert pypdfium2.raw.FPDFCatalog_IsTagged(document.raw)
    titles = [one.get_title() for one in document.get_toc()]
    assert [one for one in titles if re.match(r"\d ", one)] == [
        "1 总体情况", "2 指标完成情况", "3 分区情况", "4 重大项目", "5 图数校核", "6 说明"]  # fmt: skip
    content = path.read_bytes()
    assert re.search(rb"<pdfaid:part>2</pdfaid:part>\s*<pdfaid:conformance>A<", content)
    write.write(small, path, write.Wanted("zh", NoLinks()))
    assert path.read_bytes() == content


def test_rare_characters_do_not_stop_the_typesetter(tmp_path: Path) -> None:
    """Cuneiform and a private character, for which there is no font: the printers' sign stands for them."""
    edition = figures_edition()
    edition.meta["plan"]["short_title"] = "\U00012000\U00012001\ue123试区规划"
    path = tmp_path / "r.pdf"
    write.write(inventory(Store(edition)), path, write.Wanted("zh", NoLinks()))
    text = pypdfium2.PdfDocument(path)[0].get_textpage().get_text_range()
    assert "〓〓〓试区规划" in re.sub(r"\s", "", text)


def test_what_a_killed_process_left_is_cleared(
    small: Inventory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder that nobody holds goes with the next document, which leaves nothing itself."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    (tmp_path / "planmap-set-abcd1234").mkdir()
    (tmp_path / "planmap-set-abcd1234" / "content.json").write_text("{}", encoding="utf-8")
    write.write(small, tmp_path / "out" / "r.pdf", write.Wanted("zh", NoLinks()))
    assert sorted(one.name for one in tmp_path.rglob("*")) == ["out", "r.pdf"]


# ---- templates and wording of an office


def office(tmp_path: Path, *texts: str) -> Path:
    """A plan folder with a template of these paragraphs."""
    folder = tmp_path / "plan" / "report"
    folder.mkdir(parents=True, exist_ok=True)
    document = docx.Document()
    for text in texts:
        document.add_paragraph(text)
    document.save(str(folder / "template.docx"))
    return folder.parent


def test_an_office_has_its_own_template_and_wording(small: Inventory, tmp_path: Path) -> None:
    """Chapters in the template's order, numbers with them; fields are filled; other words."""
    folder = office(tmp_path, "{{ title }} / {{ period }}", "{% if address %}{{ address }}{% endif %}", "{{ notes }}",
                    "之间", "{{ claims }}")  # fmt: skip
    own = '[claims.heading]\nzh = "数字核对"\n[claims.table]\nzh = "核对表"\n'
    (folder / "report" / "wording.toml").write_text(own, encoding="utf-8")
    path = tmp_path / "r.docx"
    write.write(small, path, write.Wanted("zh", NoLinks(), folder))
    lines = [one.text for one in docx.Document(str(path)).paragraphs]
    assert lines[0] == "试验规划实施评估 / 2021–2025"
    assert lines.index("说明") < lines.index("之间") < lines.index("数字核对")
    assert "总体情况" not in lines
    assert "表2-1　核对表" in lines


def test_what_is_shipped_can_be_taken_as_a_start(small: Inventory, tmp_path: Path) -> None:
    """The copy gives the same file as what it was copied from; a second copy does not overwrite it."""
    (tmp_path / "plan").mkdir()
    assert CliRunner().invoke(main, ["report", "--start", "--plan", str(tmp_path / "plan")]).exit_code == 0
    for name, folder in (("a", None), ("b", tmp_path / "plan")):
        write.write(small, tmp_path / f"{name}.docx", write.Wanted("zh", NoLinks(), folder))
    assert (tmp_path / "a.docx").read_bytes() == (tmp_path / "b.docx").read_bytes()
    again = CliRunner().invoke(main, ["report", "--start", "--plan", str(tmp_path / "plan"), "--lang", "en"])
    assert again.exit_code == 1
    assert "template.docx" in again.output


def test_a_check_knows_both_files(tiny_plan: Path) -> None:
    assert CliRunner().invoke(main, ["report", "--start", "--plan", str(tiny_plan)]).exit_code == 0
    run = CliRunner().invoke(main, ["check", str(tiny_plan)])
    assert run.exit_code == 0
    assert "report/" not in run.output
    (tiny_plan / "report" / "words.toml").write_text("", encoding="utf-8")
    assert "report/words.toml" in CliRunner().invoke(main, ["check", str(tiny_plan)]).output


def changed(content: bytes, change: Callable[[dict[str, bytes]], None]) -> bytes:
    """A package with its parts changed."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    change(parts)
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return made.getvalue()


def _macro(parts: dict[str, bytes]) -> None:
    parts["word/vbaProject.bin"] = b"\xd0\xcf\x11\xe0"


def _outside(parts: dict[str, bytes]) -> None:
    kind = b"http://schemas.openxmlformats.org/officeDocument/2006/relationships/attachedTemplate"
    target = b'Target="https://elsewhere.example/t.dotm" TargetMode="External"'
    relation = b'<Relationship Id="rId900" Type="%s" %s/></Relationships>' % (kind, target)
    name = "word/_rels/document.xml.rels"
    parts[name] = parts[name].replace(b"</Relationships>", relation)


def _doctype(parts: dict[str, bytes]) -> None:
    name = "word/document.xml"
    parts[name] = parts[name].replace(b"<w:document", b"<!DOCTYPE w:document>\n<w:document", 1)


def _without_page(parts: dict[str, bytes]) -> None:
    name = "word/document.xml"
    parts[name] = re.sub(rb"<w:sectPr.*?</w:sectPr>", b"", parts[name], flags=re.DOTALL)


def test_a_template_without_a_page_has_ours(small: Inventory, tmp_path: Path) -> None:
    path = office(tmp_path, "{{ overall }}") / "report" / "template.docx"
    path.write_bytes(changed(path.read_bytes(), _without_page))
    write.write(small, tmp_path / "r.docx", write.Wanted("zh", NoLinks(), tmp_path / "plan"))
    assert "总体情况" in [one.text for one in docx.Document(str(tmp_path / "r.docx")).paragraphs]


def _no_document(parts: dict[str, bytes]) -> None:
    parts["word/document.xml"] = b"<w:document"


@pytest.mark.parametrize(("change", "key"), [
    (_macro, "report.template_macro"), (_outside, "report.template_outside"), (_doctype, "report.template_unread"),
    (_no_document, "report.template_unread"),
])  # fmt: skip
def test_packages_that_are_refused(
    change: Callable[[dict[str, bytes]], None], key: str, small: Inventory, tmp_path: Path
) -> None:
    path = office(tmp_path, "{{ body }}") / "report" / "template.docx"
    path.write_bytes(changed(path.read_bytes(), change))
    refused(small, tmp_path, key)


@pytest.mark.parametrize(("texts", "key", "named"), [
    (["{{ body }}", "{{ titel }}"], "report.template_unknown", "titel"),
    (["{{ body }}", "{% for one in title %}x{% endfor %}"], "report.template_statement", "For"),
    (["{{ body }}", "{{ title.upper() }}"], "report.template_statement", "Call"),
    (["{{ body }}", "{{ title.__class__ }}"], "report.template_statement", "Getattr"),
    (["{{ body }}", "{{ title * 999 }}"], "report.template_statement", "Mul"),
    (["{{ body }}", "{{ title"], "report.template_statement", ""),
    (["前文 {{ claims }}"], "report.template_place", "claims"),
    (["{{ claims }}", "{{ claims }}"], "report.template_place", "claims"),
    (["{{ body }}", "{{ claims }}"], "report.template_place", "claims"),
    (["只有文字"], "report.template_empty", "body"),
])  # fmt: skip
def test_templates_that_are_refused(texts: list[str], key: str, named: str, small: Inventory, tmp_path: Path) -> None:
    office(tmp_path, *texts)
    assert named in refused(small, tmp_path, key)


@pytest.mark.parametrize(("text", "key", "named"), [
    ('[claims.headline]\nzh = "x"', "report.wording_unknown", "claims.headline"),
    ('[claims.heading]\nfr = "x"', "report.wording_unknown", "claims.heading.fr"),
    ('[claims.heading]\nzh = 3', "report.wording_unknown", "claims.heading.zh"),
    ('[claims.text]\nzh = "{count} {nothing}"', "report.wording_gap", "nothing"),
    ('order = ["claims", "claims"]', "report.wording_order", "claims"),
    ('order = []', "report.wording_order", "[]"),
    ('order = [["claims"]]', "report.wording_order", "claims"),
    ('order = ["weather"]', "report.wording_order", "weather"),
    ('[claims', "report.wording_unread", "wording.toml"),
    ('x = ' + "[" * 3000, "report.wording_unread", "wording.toml"),
])  # fmt: skip
def test_wordings_that_are_refused(text: str, key: str, named: str, small: Inventory, tmp_path: Path) -> None:
    folder = tmp_path / "plan" / "report"
    folder.mkdir(parents=True)
    (folder / "wording.toml").write_text(text, encoding="utf-8")
    assert named in refused(small, tmp_path, key)


def refused(found: Inventory, tmp_path: Path, key: str) -> str:
    """What is said in both languages; no file is left."""
    path = tmp_path / "r.docx"
    with pytest.raises(LayersError) as caught:
        write.write(found, path, write.Wanted("zh", NoLinks(), tmp_path / "plan"))
    assert caught.value.key == key
    assert not path.exists()
    for lang in ("zh", "en"):
        assert caught.value.remedy(lang)
    return caught.value.message("zh") + caught.value.remedy("zh")


def test_a_template_of_macros_by_its_name(small: Inventory, tmp_path: Path) -> None:
    path = office(tmp_path, "{{ body }}") / "report" / "template.docx"
    path.rename(path.with_suffix(".docm"))
    refused(small, tmp_path, "report.template_macro")


@pytest.mark.parametrize(("options", "said_of_it"), [
    (["-o", "r.odt"], ".docx"),
    (["-o", "r.docx", "--address", "javascript:alert(1)"], "https://"),
    (["-o", "r.docx", "--address", "https://a.example/?x#y"], "https://"),
    (["-o", "r.docx", "--address", "https://user@a.example"], "https://"),
    (["-o", "r.docx", "--plan", "nowhere"], "nowhere"),
])  # fmt: skip
def test_what_the_command_refuses(
    options: list[str], said_of_it: str, xiaoshan_edition: Path, tmp_path: Path, monkeypatch: Any
) -> None:
    monkeypatch.chdir(tmp_path)
    run = CliRunner().invoke(main, ["report", str(xiaoshan_edition), *options])
    assert run.exit_code == 1
    assert said_of_it in run.output
    assert not list(tmp_path.iterdir())


def test_no_file_is_wrong_use(xiaoshan_edition: Path) -> None:
    assert CliRunner().invoke(main, ["report", str(xiaoshan_edition)]).exit_code == 2
    assert CliRunner().invoke(main, ["report", "--start"]).exit_code == 2


def test_a_columns_longest_word_stays_whole_at_the_others_cost() -> None:
    """13 Latin letters of 0.55 em and 1.4 em beside them: 8.55 of 12 em; the rest is the other column's."""
    row = (blocks.plain("Smart Manufacturing Zone"), blocks.plain("二" * 300))
    table = Table("t", "", (blocks.Column("A"), blocks.Column("B")), (row, row, row))
    assert blocks.widths(table, 12.0) == [8.55, 3.45]
