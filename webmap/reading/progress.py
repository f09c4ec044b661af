"""进展: every indicator between base and target, as cards by domain, a ranking, charts and the table behind each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from layers import words
from layers.edition.observations import Observed
from layers.edition.spelling import fold
from layers.edition.store import Store, plain
from layers.measure.course import STATES
from layers.model.plan import DISTRICT
from layers.model.tables import split
from layers.progress.chart import chart
from layers.progress.results import Result, results, rules_of
from webmap.reading.listing import LONGEST_QUERY, choice
from webmap.reading.rows import Rows, Values
from webmap.serving.asking import Parameter, Wanted

SYMBOLS = {"reached": "✓", "ahead": "▲", "on": "●", "behind": "▼", "far": "✕", "unknown": "?"}
"""Beside the colour of a light, so that it is told apart without."""


def _stated(store: Store, field: str) -> list[str]:
    frame = store.edition.indicators
    found = frame.loc[frame["origin"] == "stated", field]
    return list(dict.fromkeys(str(plain(one) or "") for one in found if plain(one)))


FIELDS: Mapping[str, Callable[[Result], str]] = {
    "state": lambda one: one.course.state,
    "domain": lambda one: str(one.indicator["domain"]),
    "property": lambda one: str(one.indicator["property"]),
}
"""What each filter looks at."""

PARAMETERS = (
    choice("state", STATES),
    choice("domain", lambda store: _stated(store, "domain")),
    choice("property", lambda store: _stated(store, "property")),
    Parameter(
        "place", "Feature id", lambda store: store.index, error="error.unknown_feature", listed=False, blank=True
    ),
    Parameter("year", "As it stood in this year", numbers=(1900, 2200), blank=True),
    Parameter("q", "Words to find", longest=LONGEST_QUERY, blank=True),
)
"""What the page takes: filters, the place, the year, and words to find."""


@dataclass(frozen=True)
class Asked:
    """What the page was asked for; ``params`` are those of its address that are given."""

    chosen: Mapping[str, str]
    query: str
    place: str
    year: int | None

    @classmethod
    def read(cls, wanted: Wanted) -> Asked:
        """From the checked parameters of a request."""
        chosen = {field: wanted[field] for field in FIELDS if wanted[field]}
        year = int(wanted["year"]) if wanted["year"] else None
        return cls(chosen, wanted["q"].strip(), wanted["place"] or DISTRICT, year)

    def params(self, **changes: str) -> dict[str, str]:
        """As parameters of an address, some of them changed; an empty one is left out."""
        given = {**self.chosen, "q": self.query, "place": "" if self.place == DISTRICT else self.place}
        given |= {"year": str(self.year or ""), **changes}
        return {name: value for name, value in given.items() if value}

    def passes(self, one: Result, *, but: str = "") -> bool:
        """Whether a result is asked for; ``but``: this filter does not count."""
        if any(FIELDS[field](one) != value for field, value in self.chosen.items() if field != but):
            return False
        said = fold(f"{one.indicator['name']} {one.indicator['name_en']} {one.id}")
        parts = [fold(part) for part in self.query.split()]
        return (not parts or any(parts)) and all(part in said for part in parts)


def progress_values(rows: Rows, observed: Observed, asked: Asked) -> Values:
    """Values for progress.html."""
    every = results(observed, place=asked.place, year=asked.year)
    shown = [one for one in every if asked.passes(one)]
    cards = [_card(rows, one) for one in shown]
    domains: dict[str, list[Values]] = {}
    for card in cards:
        domains.setdefault(card["domain"], []).append(card)
    tally = Counter(one.course.state for one in every if asked.passes(one, but="state"))
    seen = sorted({point.year for one in every for point in one.points})
    name, name_en = rows.store.name_of(asked.place)
    rules = rules_of(rows.store)
    own = rows.store.plan.get("course", {})
    return {
        "place_name": name_en if rows.lang == "en" else name,
        "domains": [{"name": domain, "cards": found} for domain, found in domains.items()],
        "ranking": _ranking(cards),
        "count": len(cards),
        "all": len(every),
        "observed_any": any(one.points for one in every),
        "tally": [
            {
                "state": state, "symbol": SYMBOLS[state], "word": rows.t(f"course.{state}"), "count": tally[state],
                "chosen": asked.chosen.get("state") == state, "url": rows.url("progress", **asked.params(state=state)),
            }
            for state in STATES
        ],
        "filters": _filters(rows, observed, every, asked, seen),
        "query": asked.query,
        "chips": _chips(rows, asked),
        "clear_url": rows.url("progress"),
        "rules": rows.t(
            "progress.rules", ahead=f"{rules.ahead:g}", on=f"{rules.on:g}", behind=f"{rules.behind:g}",
            source=words.said(own, rows.lang, "source") or rows.t("progress.rules_default"),
        ),
    }  # fmt: skip


# ---- a card


def _card(rows: Rows, one: Result) -> Values:
    course, record = one.course, one.indicator
    decimals = record.get("decimals")
    digits = int(decimals) if decimals not in (None, "") else None

    def figure(value: float | None) -> str:
        return words.NONE if value is None else words.number(round(value, 2 if digits is None else max(digits, 1)))

    def printed(value: float | None) -> str:
        return words.NONE if value is None else words.number(float(f"{value:.12g}"))

    goal = one.task.goals.get(course.scope) or next(iter(one.task.goals.values()))
    text = {} if goal.stated else {"text": one.goal_text[0], "text_en": one.goal_text[1]}
    ends = {"value": goal.value, "low": goal.low, "high": goal.high, "comparator": goal.comparator}
    percent = None if course.progress is None else round(course.progress * 100)
    return {
        "id": one.id,
        "name": words.name(record, rows.lang),
        "unit": words.unit(record, rows.lang),
        "domain": words.said(record, rows.lang, "domain"),
        "property": rows.t(f"property.{record['property']}") if record["property"] else "",
        "cites": rows.cites(split(record.get("cites"))),
        "state": course.state,
        "symbol": SYMBOLS[course.state],
        "word": rows.t(f"course.{course.state}"),
        "why": rows.t(f"course_reason.{course.reason}") if course.reason else "",
        "final": rows.t(f"final.{course.final}") if course.final else "",
        "base": printed(course.base), "base_year": course.base_year or "",
        "goal": words.stated({**ends, **text}, rows.lang), "goal_year": course.goal_year or "",
        "observed": printed(course.observed), "year": course.year or "",
        "expected": figure(course.expected),
        "percent": words.NONE if percent is None else f"{words.number(percent)}%",
        "ratio": course.ratio,
        "pace": words.NONE if course.ratio is None else words.number(course.ratio, 2),
        "bar": 0 if percent is None else max(0, min(100, percent)),
        "gap": printed(course.gap),
        "trend": figure(course.trend), "points": course.points,
        "parts": [
            {"scope": scope or rows.t("progress.scope_own"), "from": first, "to": last}
            for scope, first, last in course.parts
        ],
        "chart": _chart(rows, one),
        "table": _table(one, printed, figure),
        "measure": rows.t(f"measure.{one.task.measure}"),
    }  # fmt: skip


def _chart(rows: Rows, one: Result) -> Values | None:
    drawn = chart(one)
    if drawn is None:
        return None
    return {
        "drawn": drawn,
        "ticks": [{"y": y, "text": words.number(value)} for y, value in drawn.ticks],
        "label": rows.t("progress.chart", name=words.name(one.indicator, rows.lang)),
    }


def _table(one: Result, printed: Callable[[float | None], str], figure: Callable[[float | None], str]) -> list[Values]:
    """What the chart is drawn from: a row for each year."""
    path, seen = dict(one.path()), {point.year: point for point in one.points}
    return [
        {"year": year, "observed": printed(seen[year].value) if year in seen else words.NONE,
         "scope": seen[year].scope if year in seen else "", "expected": figure(path.get(year))}
        for year in sorted({*path, *seen})
    ]  # fmt: skip


def _ranking(cards: Iterable[Values]) -> list[Values]:
    """Those whose pace is known, the slowest last."""
    known = [card for card in cards if card["ratio"] is not None]
    known.sort(key=lambda card: -card["ratio"])
    return [{**card, "rank": at, "width": round(max(0.0, min(2.0, card["ratio"])) * 60, 1)} for at, card in
            enumerate(known, start=1)]  # fmt: skip


# ---- filters


def _filters(
    rows: Rows, observed: Observed, every: Sequence[Result], asked: Asked, years: Sequence[int]
) -> list[Values]:
    found = []
    for field, value_of in FIELDS.items():
        counts = Counter(value_of(one) for one in every if asked.passes(one, but=field))
        known = STATES if field == "state" else _stated(rows.store, field)
        choices = [
            {"value": value, "name": _named(rows, field, value), "count": counts[value],
             "chosen": asked.chosen.get(field) == value}
            for value in known if counts[value] or asked.chosen.get(field) == value
        ]  # fmt: skip
        found.append({"field": field, "name": rows.t(f"progress.filter_{field}"), "choices": choices})
    store = rows.store
    places = Counter(
        place for place, _indicator in observed.held()
        if place != DISTRICT and store.index[place][0] not in store.unlisted  # nobody picks one of so many from a list
    )  # fmt: skip
    named = [
        {"value": place, "name": _place(rows, place), "count": places[place], "chosen": place == asked.place}
        for place in sorted({*places, *({asked.place} - {DISTRICT})}, key=store.order)
    ]
    if named:
        found.append({"field": "place", "name": rows.t("progress.filter_place"), "choices": named})
    if len(years) > 1 or asked.year:
        listed = sorted({*years, *([asked.year] if asked.year else [])}, reverse=True)
        counted = Counter(point.year for one in every for point in one.points)
        found.append({"field": "year", "name": rows.t("progress.filter_year"), "choices": [
            {"value": str(year), "name": str(year), "count": counted[year], "chosen": year == asked.year}
            for year in listed
        ]})  # fmt: skip
    return found


def _named(rows: Rows, field: str, value: str) -> str:
    if field == "domain":
        frame = rows.store.edition.indicators
        english = frame.loc[frame["domain"] == value, "domain_en"]
        return str(english.iloc[0]) if rows.lang == "en" and len(english) and english.iloc[0] else value
    return rows.t(f"{'course' if field == 'state' else field}.{value}")


def _place(rows: Rows, place: str) -> str:
    name, name_en = rows.store.name_of(place)
    return name_en if rows.lang == "en" else name


def _chips(rows: Rows, asked: Asked) -> list[Values]:
    chips = [
        {"name": rows.t(f"progress.filter_{field}"), "value": _named(rows, field, value),
         "url": rows.url("progress", **asked.params(**{field: ""}))}
        for field, value in asked.chosen.items()
    ]  # fmt: skip
    if asked.place != DISTRICT:
        url = rows.url("progress", **asked.params(place=""))
        chips.append({"name": rows.t("progress.filter_place"), "value": _place(rows, asked.place), "url": url})
    if asked.year:
        url = rows.url("progress", **asked.params(year=""))
        chips.append({"name": rows.t("progress.filter_year"), "value": str(asked.year), "url": url})
    if asked.query:
        url = rows.url("progress", **asked.params(q=""))
        chips.append({"name": rows.t("filter.words"), "value": asked.query, "url": url})
    return chips
