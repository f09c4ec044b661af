"""``webmap.serving.page``: a template is given all that it uses, and nothing that it does not."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from jinja2 import Environment, StrictUndefined, UndefinedError, meta, nodes
from web_edition import figures_edition, make_edition

from layers.edition.file import write
from layers.edition.kept import publish
from webmap.app import create_app
from webmap.map import routes as map_routes
from webmap.serving import page, problems

PAGES = (
    "/", "/start", "/about", "/list", "/list?q=nothing-like-it", "/chapter", "/chapter/2", "/chapter/7",
    "/lead", "/lead/交通局", "/targets", "/review", "/claims", "/feature/hub/south", "/feature/control_line/eco",
    "/feature/expressway/g1", "/zone/west", "/township/a",
    "/embed/overview", "/standalone/overview.html", "/publication",
)  # fmt: skip


def used(environment: Environment, template: str) -> set[str]:
    """The names that a template takes from its page, with those of the templates that it extends or includes."""
    assert environment.loader is not None
    names, brought, seen, left = set(), set(), set(), [template]
    while left:
        name = left.pop()
        if name in seen:
            continue
        seen.add(name)
        tree = environment.parse(environment.loader.get_source(environment, name)[0])
        names |= meta.find_undeclared_variables(tree)
        brought |= {node.target for node in tree.find_all(nodes.Import)}
        brought |= {node.name for node in tree.find_all(nodes.Macro)}
        brought |= {node.target.name for node in tree.find_all(nodes.Assign) if isinstance(node.target, nodes.Name)}
        for node in tree.find_all(nodes.FromImport):
            brought |= {one if isinstance(one, str) else one[1] for one in node.names}
        left += [node.template.value for node in tree.find_all((nodes.Extends, nodes.Include))]
    return names - brought - set(environment.globals)


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Environment, dict[str, list[set[str]]]]]:
    """The names that every template was given, by template: a plan with two kept editions, and a shelf of two plans."""
    found: dict[str, list[set[str]]] = {}
    original = page.rendered

    def watched(template: str, values: Mapping[str, Any]) -> str:
        found.setdefault(template, []).append(set(values))
        return original(template, values)

    folder = tmp_path_factory.mktemp("pages")
    path = folder / "editions" / "test-plan.gpkg"
    first = figures_edition()
    publish(first, path, 5)
    publish(make_edition(meta={**first.meta, "hash": "cd" * 32}, layers=first.layers), path, 5)
    app = create_app({"PLANMAP_EDITION": str(path), "PLANMAP_CACHE_DIR": str(folder / "c")})
    with pytest.MonkeyPatch.context() as patch:
        for module in (page, problems, map_routes):
            patch.setattr(module, "rendered", watched, raising=False)
        client = app.test_client()
        for address in (*PAGES, "/editions", f"/compare?with={first.hash[:12]}"):
            for lang in ("zh", "en"):
                assert client.get(f"{address}{'&' if '?' in address else '?'}lang={lang}").status_code == 200, address
        assert client.get("/nothing").status_code == 404
        assert client.get("/?view=nothing").status_code == 400
        write(make_edition(), path.with_name("other.gpkg"))
        shelf = {"PLANMAP_EDITION": str(path.parent), "PLANMAP_CACHE_DIR": str(folder / "c2")}
        assert create_app(shelf).test_client().get("/").status_code == 200
        yield app.jinja_env, found


def test_every_page_gives_what_its_template_uses_in_any_branch(drawn: Any) -> None:
    environment, given = drawn
    names = {template: used(environment, template) for template in given}
    assert len(given) >= 19
    lacking = {
        template: sorted(names[template] - one) for template, several in given.items() for one in several
        if names[template] - one
    }  # fmt: skip
    assert lacking == {}


def test_no_page_gives_what_its_template_never_uses(drawn: Any) -> None:
    environment, given = drawn
    frame = {*page.OPTIONAL, *page.page_values("zh"), "icon"}
    idle = {
        template: sorted(set().union(*several) - used(environment, template) - frame)
        for template, several in given.items()
    }
    assert {template: names for template, names in idle.items() if names} == {}


def test_an_unknown_name_in_a_template_is_an_error() -> None:
    app = create_app({}, edition=make_edition())
    assert app.jinja_env.undefined is StrictUndefined
    with pytest.raises(UndefinedError):
        app.jinja_env.from_string("{{ nobody }}").render()
