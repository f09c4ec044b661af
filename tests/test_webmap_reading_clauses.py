"""Clauses are called what the plan calls them, from its outline to its pages."""

from pathlib import Path

import pytest
from tiny_folder import append, edit

from layers.build.assemble import build_file
from layers.model.errors import PlanError
from webmap.app import create_app


def test_clauses_are_called_what_the_plan_calls_them(tiny_plan: Path, tmp_path: Path) -> None:
    append(
        tiny_plan,
        "outline.toml",
        """
"附表1" = 2
[[notation.level]]
name = "篇"
name_en = "Part"
[[notation.level]]
name = "章"
name_en = "Ch."
[[notation.numbered]]
name = "专栏"
name_en = "Box"
[[notation.numbered]]
name = "表"
name_en = "Table"
[[notation.numbered]]
name = "附表"
name_en = "Schedule"
""",
    )
    edit(tiny_plan, "indicators.toml", 'cites = ["表1-2"]', 'cites = ["附表1-2", "表1-2"]')
    path = tmp_path / "tiny.gpkg"
    build_file(tiny_plan, path)
    client = create_app({"PLANMAP_EDITION": str(path), "PLANMAP_CACHE_DIR": str(tmp_path / "c")}).test_client()
    chapters = {lang: client.get(f"/chapter?lang={lang}").get_data(as_text=True) for lang in ("zh", "en")}
    assert "第三篇" in chapters["zh"]
    assert "第三篇第一章" in chapters["zh"]
    assert "Part 3, Ch. 1" in chapters["en"]
    assert "Schedule 1" in chapters["en"]
    assert "第三章" not in chapters["zh"]
    assert "Schedule" in client.get("/?lang=en").get_data(as_text=True), "the map's program writes citations too"
    assert "Schedule 1, item 2" in client.get("/api/search").get_data(as_text=True)
    edit(tiny_plan, "outline.toml", 'name = "附表"', 'name = "附表1"')
    with pytest.raises(PlanError) as caught:
        build_file(tiny_plan, path)
    assert "outline.notation" in {problem.key for problem in caught.value.problems}
