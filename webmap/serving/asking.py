"""What a request may ask for: every route declares its parameters, and its body is made from these and nothing else.

A route is declared once::

    @route(blueprint, "/api/layers/<layer>", LAYER, ranges=False)
    def layer(ctx: Context, wanted: Wanted) -> Body: ...

The declaration reads the request (a wrong value, a name that is not declared, a parameter given twice are refused),
is the key under which the body is kept, and is what ``/api/openapi.json`` says. The function that makes the body gets a
frozen `Wanted`; the request itself is out of its reach, so a body cannot hold what its key does not.
"""

from __future__ import annotations

import itertools
import json
import logging
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from typing import Any, TypeVar
from urllib.parse import quote, quote_plus

from flask import Blueprint, Flask, Request, Response, request
from werkzeug.datastructures import MIMEAccept
from werkzeug.http import parse_accept_header

from layers.edition.store import Store
from layers.ledger.errors import LedgerError
from webmap.serving.context import Body, Context, context
from webmap.serving.encode import Stored, answer, answer_stored
from webmap.serving.messages import LANGUAGES
from webmap.serving.origin import from_us
from webmap.serving.problems import SITE, BadParameterError, LedgerAwayError, NotKnownError, RefusedError, for_programs
from webmap.serving.quick import answer_quick
from webmap.serving.recent import KEPT

LOG = logging.getLogger("planmap.web")

Choices = Callable[[Store], Iterable[str]] | tuple[str, ...]

TRACKERS = re.compile(
    r"utm_[a-z_]+|fbclid|gclid|gbraid|wbraid|dclid|msclkid|yclid|twclid|igshid|mc_[ce]id|_ga|_gl"
    r"|spm|scm|bd_vid|bd_source|qhclickid|nsukey|from|isappinstalled|wxshare_count|share_token|sharesource|weibo_id"
)
"""What mail programs, WeChat, Weibo and advertisers hang on a link that people pass on: not heeded on pages."""

SHOWN_CHARACTERS = 60
"""So much of a wrong value is said again."""
MOST_TOLD = 1_000
"""So many values are listed at most, in the description of the API and where a value is refused."""


@dataclass(frozen=True)
class Parameter:
    """A parameter of a route, in its path or its query.

    Attributes:
        name: As it stands in the rule or the address.
        help: What it is for, in a sentence for the description of the API.
        choices: Values it may have, fixed or of an edition; None when ``accepts`` or ``numbers`` says.
        default: Value when it is not given; itself not checked.
        error: Key of the message for a wrong value; gets ``value``, ``name`` and ``choices``.
        blank: Given without a value counts as not given, as forms send their empty fields.
        several: Values joined by commas.
        repeats: Likewise given several times, as forms send ticked boxes.
        numbers: Least and greatest whole number.
        longest: Most characters of a free text.
        accepts: Gives the value in its usual form, or raises `BadParameterError`.
        shapes: Whether the body depends on it; the language of problems does not shape data.
        listed: Whether the description and a problem list the choices.
        media: Media type of each choice, for routes that answer in several: without the parameter, the request's
            ``Accept`` chooses.
    """

    name: str
    help: str = ""
    choices: Choices | None = None
    default: str = ""
    error: str = "error.unknown_value"
    blank: bool = False
    several: bool = False
    repeats: bool = False
    numbers: tuple[int, int] | None = None
    longest: int = 0
    accepts: Callable[[Store, str], str] | None = None
    shapes: bool = True
    listed: bool = True
    media: Mapping[str, str] = field(default_factory=dict)

    def values(self, store: Store) -> list[str] | None:
        """The values it may have with an edition; None when they cannot be listed, or are too many."""
        if self.choices is None:
            return None
        found = self.choices if isinstance(self.choices, tuple) else self.choices(store)
        listed = list(itertools.islice(found, MOST_TOLD + 1))
        return listed if len(listed) <= MOST_TOLD else None

    def read(self, store: Store, text: str, error: type[NotKnownError] = BadParameterError) -> str:
        """A value as given, checked and in its usual form.

        Raises:
            NotKnownError: Of the class given: it is not one that the parameter may have.
        """
        shown = text[:SHOWN_CHARACTERS]
        if self.accepts is not None:
            return self.accepts(store, text)
        if self.numbers is not None:
            low, high = self.numbers
            if not (re.fullmatch("[0-9]{1,9}", text) and low <= int(text) <= high):
                raise error("error.bad_number", name=self.name, value=shown, low=low, high=high)
            return str(int(text))
        if self.choices is None:
            if self.longest and len(text) > self.longest:
                raise error("error.too_long", name=self.name, most=self.longest)
            return text
        known: Any = self.choices if isinstance(self.choices, tuple) else self.choices(store)
        values = known if isinstance(known, Mapping | Sequence) else list(known)  # what is looked up is not listed
        parts = [part for part in text.split(",") if part] if self.several else [text]
        for part in parts:
            if part not in values:
                told = list(itertools.islice(values, MOST_TOLD)) if self.listed else []
                raise error(self.error, value=part[:SHOWN_CHARACTERS], name=self.name, choices=told)
        return ",".join(dict.fromkeys(parts))

    def schema(self, store: Store) -> dict[str, Any]:
        """Its values as JSON Schema, for the description of the API."""
        if self.numbers is not None:
            return {"type": "integer", "minimum": self.numbers[0], "maximum": self.numbers[1]}
        schema: dict[str, Any] = {"type": "string"}
        values = self.values(store) if self.listed and not self.several else None
        if values:
            schema["enum"] = values
        if self.longest:
            schema["maxLength"] = self.longest
        if self.default:
            schema["default"] = self.default
        return schema


LANG = Parameter("lang", "Language", LANGUAGES, LANGUAGES[0], "error.unknown_lang")
"""Language of a page, or of a file's headings and name."""

PROBLEM_LANG = Parameter("lang", "Language of problems", LANGUAGES, LANGUAGES[0], "error.unknown_lang", shapes=False)
"""Language of what is wrong, where the data are the same in any."""


@dataclass(frozen=True)
class Wanted:
    """What a request wants: all that its body may depend on, and the key under which the body is kept.

    Attributes:
        rule: The route.
        root: What stands before every address of this plan or edition: empty, or a mount point; fit for a link.
        site: What stands before the addresses of the site, such as those of the bundle.
        here: The path, without the root.
        values: The value of every declared parameter that shapes the body, in declared order.
        given: Those of the query whose value is not the usual one: what a link to the same page has to say again.
        seen: The state of the ledger whose values the body holds; "" where it holds none.
    """

    rule: str
    root: str
    here: str
    values: tuple[tuple[str, str], ...]
    given: tuple[tuple[str, str], ...]
    site: str = ""
    seen: str = ""

    def __getitem__(self, name: str) -> str:
        """The value of a declared parameter.

        Raises:
            KeyError: The route does not declare it.
        """
        return self._by_name[name]

    @property
    def lang(self) -> str:
        """The language that the body is in."""
        return self._by_name.get("lang", LANGUAGES[0])

    @cached_property
    def _by_name(self) -> dict[str, str]:
        return dict(self.values)

    @property
    def base(self) -> str:
        """The same as ``root``, as templates call it."""
        return self.root

    @property
    def key(self) -> str:
        """As one text, another for another request."""
        return json.dumps([self.rule, self.root, self.site, self.values, self.seen], ensure_ascii=True)

    def address(self, **changes: str) -> str:
        """The address of the same with some parameters changed; an empty value leaves one out."""
        params = dict(self.given) | changes
        path = self.root + _quoted(self.here)
        query = "&".join([f"{name}={_quoted_plus(value)}" for name, value in params.items() if value])
        return f"{path}?{query}" if query else path


_quoted = lru_cache(maxsize=1024)(quote)
_NUMBERS = re.compile(r"[0-9.,-]*")


def _quoted_plus(value: str) -> str:
    """A value as it stands in a query; most are numbers, of which no two are alike."""
    return value.replace(",", "%2C") if _NUMBERS.fullmatch(value) else _quoted_text(value)


_quoted_text = lru_cache(maxsize=1024)(quote_plus)


@dataclass(frozen=True)
class Route:
    """A declared route; Flask calls it as its view function.

    Attributes:
        rule: As Flask takes it: ``/api/layers/<layer>``.
        parameters: Those of the query.
        places: Those of the path.
        make: Makes the body, of type `Body`, or says which file it is.
        ranges: Whether a part of the body may be asked for, as GIS programs do with files.
        kept: Whether the body is the same ever after; else it is made for each request.
        quick: Whether it is an answer of a live service (`webmap.serving.quick`).
        lenient: Whether names of parameters may be in capitals, and others are not heeded: what WMS and WMTS prescribe.
        observed: Whether the body holds values of the ledger: its state is then part of what is wanted.
        stored: Whether it is a file on disk, which may be larger than the memory: ``make`` gives a `Stored`; or what
            tells that of a request.
        changes: Whether it begins or stops something: it is asked by POST, from a page of ours.
    """

    rule: str
    parameters: tuple[Parameter, ...]
    places: tuple[Parameter, ...]
    make: Callable[[Context, Wanted], Any]
    ranges: bool = False
    kept: bool = True
    quick: bool = False
    lenient: bool = False
    observed: bool = False
    stored: bool | Callable[[Context, Wanted], bool] = False
    changes: bool = False

    def __call__(self, **path: str) -> Response:
        """Answer the request that Flask handles."""
        try:
            return self._answered(context(), path)
        except LedgerError as error:  # where it is, and what its database says, is no stranger's business
            if not self.observed:
                raise
            LOG.error("%s", error.message("en"))
            raise LedgerAwayError("error.ledger_away") from error

    def _answered(self, ctx: Context, path: Mapping[str, str]) -> Response:
        wanted = self.wanted(ctx.store, request, path)
        if self.changes and not from_us(request.environ, ctx.settings.origin):
            raise RefusedError("admin.other_origin")
        if self.observed:
            wanted = replace(wanted, seen=ctx.seen())
        if self.quick:
            body = ctx.quick_body(wanted.key, lambda: self.make(ctx, wanted), kept=self.kept)
            if self.kept and not ctx.settings.debug:
                request.environ[KEPT] = True
            return answer_quick(request, body, ctx.settings.origin)
        if self.stored(ctx, wanted) if callable(self.stored) else self.stored:
            return answer_stored(request, self.make(ctx, wanted))
        return respond(ctx, wanted, self.make, ranges=self.ranges, kept=self.kept)

    @property
    def address(self) -> str:
        """The rule as OpenAPI writes it: ``/api/layers/{layer}``."""
        return re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", self.rule)

    def wanted(self, store: Store, asked: Request, path: Mapping[str, str]) -> Wanted:
        """Read a request.

        Raises:
            NotKnownError: A part of the path names nothing that there is.
            BadParameterError: A value is wrong, a parameter is given twice, or it is not declared.
        """
        values = [(one.name, one.read(store, path[one.name], NotKnownError)) for one in self.places]
        given: list[tuple[str, str]] = []
        texts_of = self._texts(asked)
        for one in self.parameters:
            texts = texts_of.get(one.name, [])
            if one.repeats and texts:
                texts = [",".join(texts)]
            if len(texts) > 1:
                raise BadParameterError("error.repeated_parameter", name=one.name)
            value = one.default
            if one.media and not texts:
                value = preferred(one, asked.headers.get("Accept"))
            if texts and not (one.blank and not texts[0].strip()):
                value = one.read(store, texts[0])
            if not one.shapes:
                continue
            values.append((one.name, value))
            if value != one.default:
                given.append((one.name, value))
        root = quote(asked.script_root, safe="/~")
        site = quote(asked.environ.get(SITE, asked.script_root), safe="/~")
        return Wanted(self.rule, root, asked.path, tuple(values), tuple(given), site)

    def _texts(self, asked: Request) -> dict[str, list[str]]:
        """The values of each parameter as they are given."""
        given = dict(asked.args.lists())
        if not self.lenient:
            self._refuse_undeclared(asked)
            return given
        found: dict[str, list[str]] = {}
        for name, texts in given.items():
            found.setdefault(name.lower(), []).extend(texts)
        return found

    def _refuse_undeclared(self, asked: Request) -> None:
        known = [one.name for one in self.parameters]
        for name in asked.args:
            if name not in known and (for_programs(asked.path) or not TRACKERS.fullmatch(name)):
                raise BadParameterError("error.unknown_parameter", value=name[:SHOWN_CHARACTERS], choices=known)


def preferred(one: Parameter, accept: str | None) -> str:
    """The choice whose media type a request accepts best, by its ``Accept``."""
    accepted = parse_accept_header(accept, MIMEAccept)
    by_media: dict[str, str] = {}
    for choice in (one.default, *one.media):  # the usual one first: it wins among equals
        by_media.setdefault(one.media[choice], choice)
    return by_media[accepted.best_match(list(by_media), one.media[one.default])]


Maker = TypeVar("Maker", bound=Callable[[Context, Wanted], Body | Stored])


def route(
    blueprint: Blueprint,
    rule: str,
    *parameters: Parameter,
    ranges: bool = False,
    kept: bool = True,
    quick: bool = False,
    lenient: bool = False,
    observed: bool = False,
    stored: bool | Callable[[Context, Wanted], bool] = False,
) -> Callable[[Maker], Maker]:
    """Declare a route for GET.

    Args:
        blueprint: Where it belongs.
        rule: Its rule; each ``<name>`` in it is one of the parameters, the others are of the query.
        parameters: All it takes; ``lang`` too.
        ranges: Whether a part of the body may be asked for.
        kept: Whether the body is the same ever after.
        quick: Whether it is an answer of a live service.
        lenient: Whether names of parameters are as in WMS, in any case, and others not heeded.
        observed: Whether the body holds values of the ledger.
        stored: Whether it is a file on disk, or what tells that of a request.
    """
    places, query = _parted(rule, parameters)

    def declare(make: Maker) -> Maker:
        view = Route(rule, query, places, make, ranges, kept, quick, lenient, observed, stored)
        blueprint.add_url_rule(rule, make.__name__, view, methods=["GET"])
        return make

    return declare


def changing(blueprint: Blueprint, rule: str, *parameters: Parameter) -> Callable[[Maker], Maker]:
    """Declare a route that begins or stops something, which an address that is only looked at must not.

    It is asked by POST, from a page of ours, and leads on by a ``Location``; its parameters are those of the address.

    Args:
        blueprint: Where it belongs.
        rule: Its rule, as for `route`.
        parameters: All it takes.
    """
    places, query = _parted(rule, parameters)

    def declare(make: Maker) -> Maker:
        view = Route(rule, query, places, make, kept=False, observed=True, changes=True)
        blueprint.add_url_rule(rule, make.__name__, view, methods=["POST"])
        return make

    return declare


def _parted(rule: str, parameters: Iterable[Parameter]) -> tuple[tuple[Parameter, ...], tuple[Parameter, ...]]:
    """The parameters of the path in its order, and those of the query."""
    names = re.findall(r"<(?:\w+:)?(\w+)>", rule)
    by_name = {one.name: one for one in parameters}
    return tuple(by_name[name] for name in names), tuple(one for one in by_name.values() if one.name not in names)


def routes_of(app: Flask) -> list[Route]:
    """The declared routes of an app."""
    return [view for view in app.view_functions.values() if isinstance(view, Route)]


def respond(
    ctx: Context,
    wanted: Wanted,
    make: Callable[[Context, Wanted], Body],
    *,
    ranges: bool = False,
    kept: bool = True,
) -> Response:
    """Answer a GET with the body for what is wanted, made on first demand.

    Args:
        ctx: The application's context.
        wanted: What the body is of.
        make: Makes it.
        ranges: Whether a part of it may be asked for.
        kept: Whether it is the same ever after.
    """
    return answer(request, ctx.body(wanted.key, lambda: make(ctx, wanted), kept=kept), ranges=ranges)
