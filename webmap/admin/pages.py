"""What the pages for those who are signed in say, as plain values for their templates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from layers import words
from webmap.admin.access import EDIT, PUBLISH, Access, Who
from webmap.admin.folders import Folders, Place
from webmap.serving.addresses import asked_for, language_link, page_urls, with_query
from webmap.serving.context import Context
from webmap.serving.messages import text
from webmap.serving.page import ICON, heading, page_values, rendered

LOG_LINES = 20
"""Lines of the log on the page."""


def page(
    template: str, ctx: Context, who: Who | None, lang: str, where: Mapping[str, str], values: Mapping[str, Any]
) -> str:
    """A page in the site's frame.

    Args:
        template: Its template.
        ctx: What the frame is of.
        who: Who reads it.
        lang: Its language.
        where: ``root`` and ``site``, what stands before the addresses of the plan and of the site, and ``here``, the
            page's own path.
        values: What it says; ``title`` among it.
    """
    root, site = where["root"], where["site"]
    frame = {
        **page_values(lang),
        **heading(ctx.store.plan, lang),
        "icon": ICON,
        # On a shelf the frame of what belongs to no plan has no menu.
        "page": "admin" if ctx.store.hash else "catalogue",
        "styles": [site + ctx.bundle.address("pages.css")],
        "script": site + ctx.bundle.address("admin.js"),
        "urls": page_urls(root, lang),
        "other_lang": language_link(lang, lambda other: with_query(where["here"], lang=asked_for(other))),
        "who": who,
        "wide": False,
        "mark": who.mark if who else "",
        "addresses": {
            name: with_query(f"{site}/{path}", lang=asked_for(lang))
            for name, path in (
                ("admin", "admin"), ("login", "login"), ("logout", "logout"), ("password", "admin/password")
            )
        },
        "import_url": with_query(f"{root}/admin/import", lang=asked_for(lang)),
    }  # fmt: skip
    return rendered(template, {**frame, **values})


def login_values(
    access: Access, lang: str, *, mark: str, next_: str, name: str = "", trouble: str = ""
) -> dict[str, Any]:
    """Values for admin_login.html."""
    return {
        "title": text(lang, "admin.login"),
        "nobody": access.nobody,
        "edit": access.settings.edit,
        "closed": access.closed,
        "mark": mark,
        "next": next_,
        "name": name,
        "trouble": trouble,
    }


def overview_values(access: Access, folders: Folders, ctx: Context, who: Who, lang: str, site: str) -> dict[str, Any]:
    """Values for admin.html."""
    log = access.people.log(LOG_LINES) if who.may(PUBLISH) else []
    return {
        "title": text(lang, "admin.title"),
        "role": text(lang, "admin.local_role" if who.local else f"admin.role.{who.role}"),
        "may_import": who.may(PUBLISH),
        "may_enter": who.may(EDIT),
        "plans": [_plan(name, ctx, lang, site) for name in ctx.library.plans] if who.may(EDIT) else [],
        "places": [_place(one, ctx, lang, site) for one in folders.places(ctx.library)] if who.may(PUBLISH) else [],
        "log": [
            {"time": one.time.replace("T", " ").removesuffix("Z"), "who": one.who,
             "action": text(lang, f"admin.log.{one.action}"), "detail": one.detail, "address": one.address}
            for one in log
        ],
        "nobody": access.nobody,
    }  # fmt: skip


def _plan(name: str, ctx: Context, lang: str, site: str) -> dict[str, str]:
    root = site if ctx.library.single else f"{site}/p/{quote(name, safe='')}"
    found = {"url": "observations", "scenarios": "scenarios"}
    return {
        "id": name,
        "name": _title(name, ctx, lang),
        **{key: with_query(f"{root}/admin/{page}", lang=asked_for(lang)) for key, page in found.items()},
    }


def _title(name: str, ctx: Context, lang: str) -> str:
    """What readers call a plan; what it is called in addresses where its file cannot be read."""
    plan = ctx.library.plans.get(name)
    alone = ctx.store.plan if ctx.library.single else {}
    said = plan.card.plan if plan is not None and plan.card is not None else alone
    return words.name(said, lang, "short_title") or name


def _place(place: Place, ctx: Context, lang: str, site: str) -> dict[str, str]:
    root = site if ctx.library.single else f"{site}/p/{place.quoted}"
    return {
        "name": _title(place.plan, ctx, lang),
        "url": with_query(f"{root}/admin/import", lang=asked_for(lang)),
        "scans_url": with_query(f"{root}/admin/scans", lang=asked_for(lang)),
        "reading_url": with_query(f"{root}/admin/reading", lang=asked_for(lang)),
        "folder": place.folder.name,
    }
