"""``/documents``: report, atlas and stories as files: begun by whoever asks, followed, cancelled, fetched."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, replace
from typing import Any
from urllib.parse import quote

from flask import Blueprint

from geo.errors import PlanmapError
from layers import words
from layers.edition import lightened
from layers.edition.entered import Entered
from layers.edition.store import Store
from layers.model.errors import LayersError
from layers.model.publication import INTERNAL
from webmap.documents.jobs import Job, Jobs, State
from webmap.serving.addresses import asked_for, other_language, page_urls, with_query
from webmap.serving.asking import LANG, Parameter, Wanted, changing, route
from webmap.serving.context import Body, Context
from webmap.serving.edition_file import edition_bytes, light
from webmap.serving.encode import JSON_TYPE, json_bytes
from webmap.serving.errors import WebError
from webmap.serving.headers import content_policy
from webmap.serving.messages import CATALOGUE, text
from webmap.serving.page import heading, page_body
from webmap.serving.problems import NotKnownError

blueprint = Blueprint("documents", __name__)

MEDIA = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
}
FIXED = ("report.docx", "report.pdf", "atlas-a3.pdf", "atlas-a4.pdf")
STORY = ("pptx", "pdf")


def documents(store: Store) -> list[str]:
    """The documents that there are of an edition: ``report.docx``, ``story-layout.pptx``."""
    return [*(f"story-{name}.{suffix}" for name in store.stories for suffix in STORY), *FIXED]


DOCUMENT = Parameter("document", "Document with its suffix", documents, error="error.unknown_document")
TICKET = Parameter("ticket", "What the start gave", longest=16, blank=True)


@route(blueprint, "/documents", LANG, kept=False, observed=True)
def documents_page(ctx: Context, wanted: Wanted) -> Body:
    """All documents, with how far each is."""
    jobs = Jobs(ctx.shelf.path)
    rows = [
        {"label": _label(ctx.store, name, wanted.lang), "url": _url(wanted, name),
         "state": refused.message(wanted.lang) if (refused := _refused(ctx, name))
         else _said(jobs.state(_job(ctx, wanted, name).target), wanted.lang)}
        for name in documents(ctx.store)
    ]  # fmt: skip
    return _page(ctx, wanted, "documents.html", text(wanted.lang, "documents.title"), documents=rows)


@route(blueprint, "/documents/<document>", DOCUMENT, TICKET, LANG, kept=False, observed=True)
def document_page(ctx: Context, wanted: Wanted) -> Body:
    """One document: begin, see how far it is, cancel, fetch."""
    name, lang = wanted["document"], wanted.lang
    form = text(lang, f"documents.form.{name.rpartition('.')[2]}")
    state, refused = Jobs(ctx.shelf.path).state(_job(ctx, wanted, name).target), _refused(ctx, name)
    at, asked = f"{wanted.root}/documents/{quote(name)}", asked_for(lang)
    return _page(
        ctx, wanted, "document.html", _label(ctx.store, name, lang),
        state=state, said=_said(state, lang), error=_words(refused, lang) if refused else _error(state, lang),
        refused=refused is not None, ticket=wanted["ticket"],
        start_url=with_query(f"{at}/start", lang=asked), file_url=with_query(f"{at}/file", lang=asked),
        state_url=with_query(f"{at}/state", lang=asked), all_url=with_query(f"{wanted.root}/documents", lang=asked),
        cancel_url=with_query(f"{at}/cancel", ticket=wanted["ticket"], lang=asked),
        script=wanted.site + ctx.bundle.address("admin.js"), form=form,
    )  # fmt: skip


@changing(blueprint, "/documents/<document>/start", DOCUMENT, LANG)
def start(ctx: Context, wanted: Wanted) -> Body:
    """Begin, or wait with those who have begun; the page that says how far it is."""
    if refused := _refused(ctx, wanted["document"]):
        raise refused
    job, jobs = _job(ctx, wanted, wanted["document"]), Jobs(ctx.shelf.path)
    ticket = None
    if jobs.state(job.target).phase != "ready":
        job = replace(job, entered=_entered(ctx, wanted))
        ticket = jobs.start(job, ctx.settings.document_queue, lambda: edition_bytes(ctx))
    return b"", "text/plain", {"Location": _url(wanted, wanted["document"], ticket=ticket), "Cache-Control": "no-store"}


@changing(blueprint, "/documents/<document>/cancel", DOCUMENT, TICKET, LANG)
def cancel(ctx: Context, wanted: Wanted) -> Body:
    """Stop what nobody else waits for."""
    Jobs(ctx.shelf.path).cancel(_job(ctx, wanted, wanted["document"]).target, wanted["ticket"])
    return b"", "text/plain", {"Location": _url(wanted, wanted["document"]), "Cache-Control": "no-store"}


@route(blueprint, "/documents/<document>/start", DOCUMENT, LANG, kept=False)
def started_by_address(_ctx: Context, wanted: Wanted) -> Body:
    """A link that somebody kept begins nothing: the page with the button."""
    return b"", "text/plain", {"Location": _url(wanted, wanted["document"]), "Cache-Control": "no-store"}


@route(blueprint, "/documents/<document>/cancel", DOCUMENT, TICKET, LANG, kept=False)
def cancelled_by_address(_ctx: Context, wanted: Wanted) -> Body:
    """Neither does one stop anything; its page can."""
    at = _url(wanted, wanted["document"], ticket=wanted["ticket"] or None)
    return b"", "text/plain", {"Location": at, "Cache-Control": "no-store"}


@route(blueprint, "/documents/<document>/state", DOCUMENT, LANG, kept=False, observed=True)
def state(ctx: Context, wanted: Wanted) -> Body:
    """How far it is, for the page's program."""
    found = Jobs(ctx.shelf.path).state(_job(ctx, wanted, wanted["document"]).target)
    told = {"phase": found.phase, "working": found.phase in ("waiting", "working", "ending"), "step": found.done,
            "steps": found.total, "bytes": found.size}  # fmt: skip
    return json_bytes(told), JSON_TYPE, {"Cache-Control": "no-store"}


@route(blueprint, "/documents/<document>/file", DOCUMENT, LANG, kept=False, observed=True)
def file(ctx: Context, wanted: Wanted) -> Body:
    """The finished file."""
    name = wanted["document"]
    body = ctx.shelf.settled(_job(ctx, wanted, name).target)
    if body is None:
        raise NotKnownError("error.document_not_ready")
    suffix = name.rpartition(".")[2]
    shown = quote(_file_name(ctx.store, name, wanted.lang), safe="")
    disposition = f"attachment; filename=\"{name}\"; filename*=UTF-8''{shown}.{suffix}"
    return body, MEDIA[suffix], {"Content-Disposition": disposition}


# ---- parts


def _job(ctx: Context, wanted: Wanted, document: str) -> Job:
    """The job of a document; the same words, edition and state of the ledger make the same file."""
    name, _, suffix = document.rpartition(".")
    settings = ctx.settings
    base = f"{settings.origin}{wanted.root}" if settings.origin else ""
    mark = text(wanted.lang, "imprint.internal") if settings.publication.mode == INTERNAL else ""
    # Like its figures: for the public only what is frozen in the edition counts.
    seen = "" if settings.publication.public else wanted.seen
    digest = hashlib.sha256(repr((document, wanted.lang, base, mark, seen)).encode()).hexdigest()[:32]
    target = f"{ctx.stamp}-document-{digest}.{suffix}"
    return Job(name, suffix, wanted.lang, base, mark, None, target, settings.document_processes, settings.figure_mb)


def _refused(ctx: Context, document: str) -> PlanmapError | None:
    """Why nothing can be made of it, told before anybody waits; None where something can."""
    what, _, story = document.rpartition(".")[0].partition("-")
    if what != "story":
        return None
    try:
        lightened.check_told(light(ctx).edition, story)
    except LayersError as error:
        return error
    return None


def _entered(ctx: Context, wanted: Wanted) -> dict[str, Any] | None:
    """The values that the ledger has, as they go to the process that begins; None for none."""
    if ctx.ledger is None or not wanted.seen or ctx.settings.publication.public:
        return None
    observed = ctx.observed(wanted.seen)
    found = Entered.of(ctx.ledger, observed.of(), observed.upto)
    return asdict(found) if found.rows else None


def _url(wanted: Wanted, document: str, ticket: str | None = None) -> str:
    return with_query(f"{wanted.root}/documents/{quote(document)}", ticket=ticket, lang=asked_for(wanted.lang))


def _label(store: Store, document: str, lang: str) -> str:
    name, _, suffix = document.rpartition(".")
    form = text(lang, f"documents.form.{suffix}")
    what, _, which = name.partition("-")
    if what == "story":
        return text(lang, "documents.story", name=words.name(store.stories[which], lang), form=form)
    return text(lang, f"documents.{what}", paper=which.upper(), form=form)


def _file_name(store: Store, document: str, lang: str) -> str:
    """What the file is called for people."""
    joined = f"{words.name(store.plan, lang, 'short_title')}-{_label(store, document, lang)}"
    kept = "".join(letter for letter in joined if letter.isprintable() and letter not in '/\\:*?"<>|')
    return kept.strip(" .")[:80] or "document"


def _said(state: State, lang: str) -> str:
    size = f"{max(state.size / 1e6, 0.1):.1f}"
    # How many steps there are is known only once the work has begun.
    phase = "begun" if state.phase == "working" and not state.total else state.phase
    return text(lang, f"documents.state.{phase}", done=state.done, total=state.total, size=size)


def _error(state: State, lang: str) -> list[str]:
    """What went wrong, and what to do about it."""
    if state.error is None:
        return []
    key, params = state.error
    return _words((WebError if key in CATALOGUE else LayersError)(key, **params), lang)


def _words(error: PlanmapError, lang: str) -> list[str]:
    return [part for part in (error.message(lang), error.remedy(lang)) if part]


def _page(ctx: Context, wanted: Wanted, template: str, title: str, **values: Any) -> Body:
    lang, head = wanted.lang, heading(ctx.store.plan, wanted.lang)
    shared: dict[str, Any] = {
        **head, "title": f"{title} · {head['plan_title']}", "heading": title, "page": "documents",
        "urls": page_urls(wanted.root, lang), "other_lang": other_language(wanted),
        "styles": [wanted.site + ctx.bundle.address("pages.css")], "newer": None, "edition": ctx.store.hash,
    }  # fmt: skip
    body, content_type, headers = page_body(template, lang, content_policy(forms=True), {**shared, **values})
    return body, content_type, {**headers, "Cache-Control": "no-store"}
