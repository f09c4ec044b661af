"""``webmap.serving.page``: a template is given all that it uses, and nothing of a page is there for nobody."""

from collections.abc import Mapping
from typing import Any

import pytest
from jinja2 import Environment, StrictUndefined, UndefinedError, meta, nodes
from web_edition import make_edition

from webmap.app import create_app
from webmap.serving import page

PAGES = (
    "/", "/start", "/about", "/list", "/list?q=nothing-like-it", "/chapter", "/chapter/2", "/chapter/7",
    "/lead", "/targets", "/review", "/claims", "/feature/hub/south", "/feature/control_line/eco",
    "/feature/expressway/g1", "/zone/west", "/township/a",
    "/embed/overview", "/standalone/overview.html",
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


def test_every_page_gives_what_its_template_uses_in_any_branch(monkeypatch: pytest.MonkeyPatch) -> None:
    app = create_app({}, edition=make_edition())
    drawn: dict[str, list[set[str]]] = {}
    original = page.rendered

    def watched(template: str, values: Mapping[str, Any]) -> str:
        drawn.setdefault(template, []).append(set(values))
        return original(template, values)

    monkeypatch.setattr(page, "rendered", watched)
    client = app.test_client()
    for address in PAGES:
        for lang in ("zh", "en"):
            answer = client.get(address, query_string={"lang": lang} if "?" not in address else None)
            assert answer.status_code == 200, address
    assert client.get("/nothing").status_code == 404
    assert client.get("/?view=nothing").status_code == 400
    assert len(drawn) >= 14
    lacking = {
        template: sorted(used(app.jinja_env, template) - given)
        for template, all_given in drawn.items()
        for given in all_given
        if used(app.jinja_env, template) - given
    }
    assert lacking == {}


def test_an_unknown_name_in_a_template_is_an_error() -> None:
    app = create_app({}, edition=make_edition())
    assert app.jinja_env.undefined is StrictUndefined
    with pytest.raises(UndefinedError):
        app.jinja_env.from_string("{{ nobody }}").render()
