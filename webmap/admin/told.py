"""What an import does, in words and tables: the same for the command line and for the page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import TYPE_CHECKING, Any

from geo.messages import Phrase, plain
from webmap.serving.messages import CATALOGUE

if TYPE_CHECKING:
    from layers.imports.accepted import Candidate, OsmReport
    from layers.imports.edited import EditReport
    from layers.imports.effects import Effects, Shape
    from layers.imports.osm import Broken
    from layers.imports.run import Report

LONGEST_CELL = 40
Row = tuple[str, ...]


@dataclass(frozen=True)
class Section:
    """A part of a report.

    Attributes:
        kind: What it is about, ``problems`` and ``note`` among it.
        lines: Sentences before the table.
        head: Headings of the table; empty for none.
        rows: Its rows.
        after: Sentences after it.
    """

    kind: str
    lines: tuple[str, ...]
    head: Row = ()
    rows: tuple[Row, ...] = ()
    after: tuple[str, ...] = ()


def word(key: str, lang: str, **params: object) -> str:
    """A text of the catalogue."""
    return CATALOGUE.text(key, lang, **params)


def sections(report: Report, lang: str) -> list[Section]:
    """An import of shapes, part by part."""
    found = [
        Section("read", (word("cli.import.read", lang, file=report.file, rows=report.count, crs=report.crs),)),
        *notes(report.notes, lang),
        *_fits(report, lang),
        _matched(report, lang),
        *_classes(report, lang),
        *_unknown(report, lang),
        *_repairs(report, lang),
        *_pieces(report, lang),
        *effects_told(report.effects, lang),
    ]
    if report.notes_to_read:
        names = [f"{report.name(one, lang)} ({one})" for one in report.notes_to_read]
        found.append(Section("note", (word("cli.import.notes_to_read", lang, names=names[:LONGEST_CELL]),)))
    return found


def notes(told: Sequence[Any], lang: str) -> list[Section]:
    """What is to be said, each with what to do about it."""
    return [
        Section("note", tuple(part for part in (one.message(lang), one.remedy(lang)) if part)) for one in told
    ]  # fmt: skip


def _fits(report: Report, lang: str) -> list[Section]:
    """How well the file fits what is known, where it was not taken back."""
    found = report.recognised
    if found is None:
        return [Section("note", (word("cli.import.datum_untold", lang),))]
    if report.datum:
        return []
    rest = {name: round(value) for name, value in found.distances_m.items() if name}
    declared = round(found.distances_m[""])
    key = "cli.import.datum_fits" if found.sure and not found.datum else "cli.import.datum_open"
    said = word(key, lang, metres=declared, points=found.points, gcj02=rest["gcj02"], bd09=rest["bd09"])
    return [Section("datum", (said,))]


def _matched(report: Report, lang: str) -> Section:
    matched = report.matched
    counts: dict[str, int] = {}
    for pair in matched.pairs:
        counts[pair.by] = counts.get(pair.by, 0) + 1
    ways = [f"{word(f'cli.import.by.{how}', lang)} {count}" for how, count in counts.items()]
    fields = {"name_field": matched.name_field or "–", "code_field": matched.code_field or "–"}
    return Section("matched", (word("cli.import.matched", lang, count=len(matched.pairs), ways=ways, **fields),))


def _classes(report: Report, lang: str) -> list[Section]:
    """Of land use: the classes of the file with count and area, and what is none."""
    if not report.classes:
        return []
    head = tuple(word(f"cli.import.class.{name}", lang) for name in ("code", "name", "polygons", "area", "feature"))
    rows = tuple(
        (one.code or "–", plain(one.name if lang == "zh" else one.name_en, lang), str(one.polygons),
         f"{one.area_m2 / 1e4:,.2f}",
         plain([report.name(name, lang) for name in one.ids[:5]], lang) + (" …" if len(one.ids) > 5 else "")
         if one.ids else word("cli.import.class.none", lang))
        for one in report.classes
    )  # fmt: skip
    return [Section("classes", (word("cli.import.classes", lang, count=sum(bool(one.code) for one in report.classes)),),
                    head, rows)]  # fmt: skip


def _unknown(report: Report, lang: str) -> list[Section]:
    if not report.matched.unknown:
        return []
    rows = []
    for one in report.matched.unknown:
        near = [f"{identifier} {report.name(identifier, lang)}" for identifier in one.near]
        hint = word("cli.import.near", lang, near=near) if near else ""
        rows.append((str(one.row + 1), plain(one.said, lang), hint))
    key = "cli.import.class.unknown" if report.classes else "cli.import.unknown"
    said = word(key, lang, count=len(report.matched.unknown))
    return [Section("unknown", (said,), rows=tuple(rows))]


def _repairs(report: Report, lang: str) -> list[Section]:
    if not report.repairs:
        return []
    rows = tuple(
        (str(one.row + 1), plain(one.said, lang), one.reason.text(lang) if isinstance(one.reason, Phrase) else "",
         f"{one.lon}, {one.lat}", f"{one.before_m2:,.0f} → {one.after_m2:,.0f} m²", str(one.parts))
        for one in report.repairs
    )  # fmt: skip
    return [Section("repairs", (word("cli.import.repairs", lang, count=len(rows)),), rows=rows)]


def _pieces(report: Report, lang: str) -> list[Section]:
    """Gaps and overlaps one by one; of what was left free the sum for each who got it."""
    if not report.pieces:
        return []
    rows, left = [], dict.fromkeys(report.names, (0, 0.0))
    for one in sorted(report.pieces, key=lambda one: one.kind != "gap"):
        if one.kind == "left":
            for name, area in one.given.items():
                left[name] = (left[name][0] + 1, left[name][1] + area)
            continue
        given = [f"{report.name(name, lang)} {area:,.0f}" for name, area in one.given.items()]
        between = [report.name(name, lang) for name in one.between]
        rows.append((
            word(f"cli.import.piece.{one.kind}", lang), plain(between, lang), f"{one.area_m2:,.0f} m²",
            f"{one.width_m:,.1f} × {one.length_m:,.0f} m", f"{one.lon:.5f}, {one.lat:.5f}",
            "→ " + (plain(given, lang) if given else word("cli.import.nobody", lang)),
        ))  # fmt: skip
    got = [f"{report.name(name, lang)} {area:,.0f} m² ({count})" for name, (count, area) in left.items() if count]
    after = (word("cli.import.left", lang, names=got),) if got else ()
    said = word("cli.import.pieces", lang, count=len(report.pieces))
    return [Section("pieces", (said,), rows=tuple(rows), after=after)]


def effects_told(effects: Effects, lang: str) -> list[Section]:
    """Before and after: shapes, claims, townships and zones, indicators, problems."""
    found = [_shapes(effects, lang)]
    if not effects.compared:
        found.append(Section("note", (word("cli.import.not_compared", lang),)))
    for name in ("claims", "placed", "indicators"):
        changes = getattr(effects, name)
        if changes:
            rows = tuple(_change(one, lang) for one in effects.told.get((name, lang), ()))
            said = word(f"cli.import.{name}", lang, count=len({one.id for one in changes}))
            found.append(Section(name, (said,), rows=rows))
    if effects.problems:
        said = word("cli.import.problems", lang, count=len(effects.problems), errors=len(effects.errors))
        rows = tuple(
            (word(f"cli.severity.{one.severity}", lang), one.record_text(), one.text(lang)) for one in effects.problems
        )
        found.append(Section("problems", (said,), rows=rows))
    return found


def _change(one: Any, lang: str) -> Row:
    """A difference in a reader's words; what only the words round away stands beside what is told."""
    return plain(one.name, lang), plain(one.id, lang), plain(one.field, lang), difference(one.before, one.after)


def difference(before: str, after: str) -> str:
    """Two values side by side; long ones from shortly before where they part, which a cut end would hide.

    Args:
        before: The value that was.
        after: The value that is.

    Example:
        >>> difference("9", "10")
        '9 → 10'
        >>> long = "word " * 60
        >>> difference(long + "9 sources", long + "10 sources")
        '…word word word word 9 sources → …word word word word 10 sources'
    """
    same = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(before, after, strict=False)))
    start = same - LONGEST_CELL // 2 if same > LONGEST_CELL * 2 else 0
    lead = "…" if start else ""
    return f"{lead}{cut(before[start:])} → {lead}{cut(after[start:])}"


def _shapes(effects: Effects, lang: str) -> Section:
    if not effects.shapes:
        return Section("shapes", (word("cli.import.same_shapes", lang),))
    names = ("name", "before", "after", "change", "moved", "extent")
    head = tuple(word(f"cli.import.shape.{name}", lang) for name in names)
    rows = tuple(_shape(one, lang) for one in effects.shapes)
    return Section("shapes", (word("cli.import.shapes", lang, count=len(effects.shapes)),), head, rows)


def _shape(one: Shape, lang: str) -> Row:
    area = one.before_km2 is not None or one.after_km2 is not None
    before, after = (one.before_km2, one.after_km2) if area else (one.before_km, one.after_km)
    unit = "km²" if area else "km" if before is not None or after is not None else ""
    share = f"{(after - before) / before:+.2%}" if before and after is not None else "–"
    moved = f"{one.moved_m:,.0f} m" if one.moved_m is not None else "–"
    name = (one.name_en if lang == "en" else "") or one.name
    return plain(name, lang), _size(before, unit), _size(after, unit), share, moved, _extent(one)


def _size(value: float | None, unit: str) -> str:
    return "–" if value is None else f"{value:,.3f} {unit}"


def _extent(shape: Any) -> str:
    """The corners afterwards; how far each edge moved is in the JSON."""
    if shape.bounds_after is None:
        return "–"
    west, south, east, north = shape.bounds_after
    return f"{west:.4f}–{east:.4f}, {south:.4f}–{north:.4f}"


def cut(value: str, most: int = LONGEST_CELL * 3) -> str:
    """A value as far as a row has room for it."""
    shown = plain(value or "–")
    return shown if len(shown) <= most else shown[: most - 1] + "…"


def edit_sections(report: EditReport, lang: str) -> list[Section]:
    """Edits brought back, part by part."""
    if not report.edits:
        return [Section("read", (word("cli.import.no_edits", lang, file=report.file),))]
    key = "cli.import.edits_of" if report.base == report.current else "cli.import.edits_of_older"
    about = {"file": report.file, "base": report.base[:12], "current": report.current[:12]}
    said = word(key, lang, count=len(report.edits), **about)
    found = [
        Section("edits", (said,), rows=tuple(_edit(one, lang) for one in report.edits)),
        *notes(report.notes, lang),
    ]
    left = [one.id or one.name for one in report.edits if one.conflict and (one.id or one.name) not in report.taken]
    if left:
        found.append(Section("note", (word("cli.import.conflicts", lang, ids=left),)))
    unasked = [
        one.id or one.name
        for one in report.edits
        if one.what and not one.conflict and (one.id or one.name) not in report.taken
    ]
    if unasked:
        found.append(Section("note", (word("cli.import.edits_left", lang, ids=unasked),)))
    return found + (effects_told(report.effects, lang) if report.effects is not None else [])


def _edit(edit: Any, lang: str) -> Row:
    what = [word(f"cli.import.edit.{one}", lang) for one in edit.what] or [word("cli.import.edit.ignored", lang)]
    columns = edit.columns or {}
    told = [
        f"{name}: {cut((edit.before or {}).get(name, ''), LONGEST_CELL)} → {cut(value, LONGEST_CELL)}"
        for name, value in columns.items()
    ]
    if edit.distance_m is not None:
        told.insert(0, f"{edit.distance_m:,.1f} m")
    if edit.twin > 1:
        told.append(word("cli.import.edit.twin", lang, count=edit.twin))
    if edit.ignored:
        told.append(word("cli.import.edit.columns_ignored", lang, columns=list(edit.ignored)))
    if edit.conflict:
        told.append(word("cli.import.edit.conflict", lang, columns=list(edit.conflict)))
    return plain(edit.id or "–", lang), plain(edit.name, lang), plain(what, lang), "; ".join(told[:LONGEST_CELL])


def osm_sections(report: OsmReport, lang: str) -> list[Section]:
    """What an extract of OpenStreetMap knows of the plan, and what taking some of it over does."""
    about = {"file": report.file, "things": report.things, "count": len(report.candidates)}
    rows = tuple(osm_row(one, lang) for one in report.candidates)
    head = osm_heads(lang) if rows else ()
    found = [Section("read", (word("cli.import.osm.found", lang, **about),), head, rows)]
    if report.broken:
        said = word("cli.import.osm.broken", lang, count=len(report.broken))
        found.append(Section("unknown", (said,), rows=tuple((osm_broken(one, lang),) for one in report.broken)))
    found += notes(report.notes, lang)
    return found + (effects_told(report.effects, lang) if report.effects is not None else [])


def osm_heads(lang: str) -> Row:
    """Headings of what an extract offers."""
    names = ("id", "name", "what", "object", "median", "most", "others", "lacking")
    return tuple(word(f"cli.import.osm.{name}", lang) for name in names)


def osm_row(one: Candidate, lang: str) -> Row:
    """A thing that an extract offers."""
    objects = one.objects[0] + (f" +{len(one.objects) - 1}" if len(one.objects) > 1 else "")
    return (plain(one.id, lang), plain(one.name, lang), word(f"cli.import.osm.what.{one.what}", lang), objects,
            away(one.median_m), away(one.most_m), str(one.others or ""), str(len(one.lacking) or ""))  # fmt: skip


def away(metres: float | None) -> str:
    """A distance in metres; a dash when there is none."""
    return "–" if metres is None else f"{metres:,.0f} m"


def osm_broken(one: Broken, lang: str) -> str:
    """What of an extract cannot be used, and why."""
    about = {"object": one.object, "name": one.name or "–"}
    if one.missing:
        return word("cli.import.osm.missing", lang, **about, missing=list(one.missing), count=one.count)
    if one.open_ends:
        return word("cli.import.osm.open", lang, **about, count=one.open_ends)
    return word("cli.import.osm.crossing", lang, **about)
