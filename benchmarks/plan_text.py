"""How well a plan's text is read: what `layers.document.propose.read` finds against records made by hand.

Recall and precision of targets, named things and their kinds, spatial structure; shares of outline, indicators, lead
units and zone members that are right; seconds, megabytes, and how both grow with the length of the text.
"""

import re
import resource
import sys
import time
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from layers.document.blocks import fold
from layers.document.clauses import Text, blocks_of_text, clauses
from layers.document.features import key
from layers.document.found import Finding, Proposals
from layers.document.propose import read

ROOT = Path(__file__).resolve().parent.parent
HAND_MADE = ROOT / "data" / "plans" / "xiaoshan-14fyp"
FULL_TEXT = ROOT.parent / "shared" / "plan" / "xiaoshan-14fyp.txt"
INVENTED = ROOT / "tests" / "reading"
STRUCTURAL = frozenset(
    [
        "zone",
        "belt",
        "pole",
        "township",
        "corridor",
        "platform",
        "metro_line",
        "intercity",
        "railway",
        "expressway",
        "urban_expressway",
        "trunk_road",
    ]
)


@dataclass(frozen=True, slots=True)
class Expected:
    """What a person read out of a plan.

    Attributes:
        outline: As ``outline.toml``.
        targets: Records with value, unit, measures, year and clauses.
        indicators: Records with name, unit, base, target and property.
        features: Records with names (the first is the name), kinds, cited.
        leads: Units by clause.
        members: Members by zone.
        split: Members of two zones.
    """

    outline: dict[str, int]
    targets: list[dict[str, Any]]
    indicators: list[dict[str, Any]]
    features: list[dict[str, Any]]
    leads: dict[str, list[str]]
    members: dict[str, list[str]]
    split: frozenset[str]


def of_folder(folder: Path) -> Expected:
    """From a plan folder that was made by hand."""
    features = [one for file in sorted((folder / "features").glob("*.toml")) for one in _toml(file)["feature"]]
    names = {one["id"]: one["name"] for one in features}
    zones = [one for one in features if one["kind"] == "zone"]
    parts = {one["id"]: re.sub("（.*", "", one["name"]) for one in features if one["kind"] == "zone_part"}
    members = {
        one["name"]: [names.get(ref, ref) if ref not in parts else parts[ref] for ref in one["geometry"]["union"]]
        for one in zones
    }
    return Expected(
        outline={name: count for name, count in _toml(folder / "outline.toml").items() if isinstance(count, int)},
        targets=[_target(one) for one in _toml(folder / "targets.toml")["target"]],
        indicators=_toml(folder / "indicators.toml")["indicator"],
        features=[
            {"names": [one["name"], *one.get("aliases", [])], "kinds": [one["kind"]], "cited": bool(one.get("cites"))}
            for one in features if one["kind"] not in ("zone_part", "corridor_axis", "metro_station")
        ],
        leads=_toml(folder / "plan.toml")["leads"],
        members=members,
        split=frozenset(parts.values()),
    )  # fmt: skip


def of_file(file: Path) -> Expected:
    """From the short form beside an invented plan."""
    table = _toml(file)
    targets = [
        {
            "name": name,
            "value": value,
            "comparator": comparator,
            "unit": unit,
            "measures": measures.split("|"),
            "year": year,
            "cites": [clause],
        }
        for name, value, comparator, unit, measures, year, clause in table["targets"]
    ]
    return Expected(
        outline=table["outline"],
        targets=targets,
        indicators=[
            dict(zip(("name", "unit", "base", "target", "property"), one, strict=True)) for one in table["indicators"]
        ],
        features=[{"names": [name], "kinds": kinds.split("|"), "cited": True} for name, kinds in table["features"]],
        leads=table["leads"],
        members=table["members"],
        split=frozenset(table["split"]),
    )


def _toml(file: Path) -> dict[str, Any]:
    return tomllib.loads(file.read_text(encoding="utf-8"))


def _target(one: Mapping[str, Any]) -> dict[str, Any]:
    return {"name": one["name"], "value": _figure(one), "comparator": one.get("comparator", ""), "unit": one["unit"],
            "measures": [one["measure"]], "year": one["year"], "cites": one["cites"]}  # fmt: skip


def _figure(one: Mapping[str, Any]) -> str:
    if "value" in one:
        return f"{one['value']:g}"
    return f"{one['low']:g}-{one['high']:g}" if "low" in one else str(one["text"])


# ---- scores


def scores(text: Text, found: Proposals, expected: Expected) -> dict[str, float]:
    """All scores, 0 to 1."""
    made = {"outline": _share(text.outline().get(clause) == count for clause, count in expected.outline.items())}
    made |= _named("target", *match_targets(found.targets, expected.targets), len(expected.targets))
    made["comparator"] = _share(
        one.fields["comparator"] == other["comparator"]
        for one, other in match_targets(found.targets, expected.targets)[0]
        if "text" not in one.fields
    )
    made |= _features(found, expected)
    if expected.indicators:
        made["indicators"] = _indicators(found.indicators, expected.indicators)
    units = {one.clause: set(one.fields["units"]) for one in found.leads}
    made["leads"] = _share(units.get(clause, set()) == set(names) for clause, names in expected.leads.items())
    zones = {one.name: one for one in found.features if "members" in one.fields}
    made["members"] = _share(
        name in zones and _units(zones[name].fields["members"]) == set(names)
        for name, names in expected.members.items()
    )
    split = {member for one in zones.values() for member in one.fields.get("split", ())}
    made["split"] = float(split == expected.split)
    return made


def _units(members: Iterable[str]) -> set[str]:
    """The townships among members: a zone may also be said to hold platforms, whose land is theirs."""
    return {member for member in members if re.search("(?:街道|镇|乡|苏木)$", member)}


def _share(right: Iterable[bool]) -> float:
    answers = list(right)
    return sum(answers) / len(answers) if answers else 1.0


def _named(
    name: str, pairs: list[tuple[Finding, dict[str, Any]]], again: int, found: int, wanted: int
) -> dict[str, float]:
    return {
        f"{name} recall": len(pairs) / wanted if wanted else 1.0,
        f"{name} precision": (len(pairs) + again) / found if found else 1.0,
    }


def match_targets(
    found: Iterable[Finding], wanted: list[dict[str, Any]]
) -> tuple[list[tuple[Finding, dict[str, Any]]], int, int]:
    """Targets that are right in value, unit, measure, year and clause; how often one is said again; how many there are.

    A target in words is right when it is the words or what they are about; no unit is asked of it.
    """
    pairs: list[tuple[Finding, dict[str, Any]]] = []
    used: set[int] = set()
    again = count = 0
    for one in found:
        count += 1
        hits = [index for index, other in enumerate(wanted) if _same_target(one, other)]
        free = next((index for index in hits if index not in used), None)
        if free is not None:
            used.add(free)
            pairs.append((one, wanted[free]))
        elif any(len(wanted[index]["cites"]) > 1 for index in hits):
            again += 1
    return pairs, again, count


def _same_target(one: Finding, other: Mapping[str, Any]) -> bool:
    fields = one.fields
    if (
        fields["measure"] not in other["measures"]
        or fields["year"] != other["year"]
        or one.clause not in other["cites"]
    ):
        return False
    if "text" in fields:
        return not other["value"][0].isdigit() and (
            fields["text"] in other["value"] or other["value"] in one.name + fields["text"]
        )
    return _figure(fields) == other["value"] and fields["unit"] == other["unit"]


def match_features(
    found: Iterable[Finding], wanted: list[dict[str, Any]]
) -> tuple[list[tuple[Finding, dict[str, Any]]], list[Finding]]:
    """Named things with the record of the same name, one to one, those of the same kind first; and what has none."""
    by_name: dict[str, list[int]] = {}
    for index, one in enumerate(wanted):
        for name in one["names"]:
            by_name.setdefault(key(name), []).append(index)
    pairs: list[tuple[Finding, dict[str, Any]]] = []
    wrong: list[Finding] = []
    used: set[int] = set()
    for finding in found:
        hits = [
            index
            for name in (finding.name, *finding.fields.get("aliases", ()))
            for index in by_name.get(key(name), ())
            if index not in used
        ]
        hits.sort(key=lambda index: (finding.fields["kind"] not in wanted[index]["kinds"], not wanted[index]["cited"]))
        if hits:
            used.add(hits[0])
            pairs.append((finding, wanted[hits[0]]))
        else:
            wrong.append(finding)
    return pairs, wrong


def _features(found: Proposals, expected: Expected) -> dict[str, float]:
    pairs, wrong = match_features(found.features, expected.features)
    cited = [one for one in expected.features if one["cited"]]
    right = {id(one) for one, _ in pairs}
    better = found.features[: (len(found.features) + 1) // 2]
    shaped = [one for one in cited if set(one["kinds"]) & STRUCTURAL]
    reached = {id(other) for _, other in pairs}
    said = [finding for finding in found.features if finding.fields["kind"] in STRUCTURAL]
    return {
        "names recall": _share(id(one) in reached for one in cited),
        "names precision": len(pairs) / max(1, len(pairs) + len(wrong)),
        "names better half": _share(id(finding) in right for finding in better),
        "kinds right": _share(finding.fields["kind"] in other["kinds"] for finding, other in pairs),
        "structural recall": _share(id(one) in reached for one in shaped),
        "structural precision": _share(id(finding) in right for finding in said),
    }


def _indicators(found: Iterable[Finding], wanted: list[dict[str, Any]]) -> float:
    made = [(one.name, one.fields) for one in found]
    right = []
    for index, one in enumerate(wanted):
        if index >= len(made):
            right.append(False)
            continue
        name, fields = made[index]
        alike = fold(name) == fold(one["name"]) and all(fields[part] == one[part] for part in ("unit", "property"))
        right.append(alike and _same_ends(fields, one))
    return _share(right) if len(made) == len(wanted) else _share(right) * len(wanted) / max(len(made), len(wanted))


def _same_ends(fields: Mapping[str, Any], one: Mapping[str, Any]) -> bool:
    if "base" in one:
        base = fields.get("baseline", {})
        year = base.get("year", 2020)
        said = "" if not base else _figure(base) + ("" if year == 2020 else f"@{year}")
        goal = fields["target"].get("comparator", "") + _figure(fields["target"])
        return said == one["base"] and goal == one["target"]
    goal = {name: value for name, value in one["target"].items() if name != "text_en"}
    return fields.get("baseline") == one.get("baseline") and dict(fields["target"]) == goal


def sources() -> list[tuple[str, Path, Expected]]:
    """The texts that are there: the invented ones of the tests, and the full plan where it lies beside the checkout."""
    found = [(file.stem, file, of_file(file.with_suffix(".toml"))) for file in sorted(INVENTED.glob("*.txt"))]
    if FULL_TEXT.exists():
        found.append((HAND_MADE.name, FULL_TEXT, of_folder(HAND_MADE)))
    return found


def grown(text: str, times: int) -> str:
    """A longer plan: long paragraphs come again, each time with other names, under the same headings."""
    lines: list[str] = []
    for line in text.splitlines():
        lines.append(line)
        if len(line) > 60 and " | " not in line:
            lines += [re.sub("([镇江河路园])", rf"\1{chr(0x4E00 + number)}", line) for number in range(1, times)]
    return "\n".join(lines)


def grown_to(text: str, length: int) -> str:
    """A longer plan of a number of characters at least."""
    one, two = len(grown(text, 1)), len(grown(text, 2))
    return grown(text, max(1, 1 + -(-(length - one) // (two - one))))


def main(names: list[str]) -> None:
    """Print the scores of the texts that are there, and what it takes to read them."""
    tables = {}
    for name, file, expected in sources():
        if names and name not in names:
            continue
        start = time.process_time()
        text = clauses(blocks_of_text(file.read_text(encoding="utf-8")))
        found = read(text)
        tables[name] = {"characters": float(len(text.whole)), "seconds": time.process_time() - start}
        tables[name] |= scores(text, found, expected)
    rows = dict.fromkeys(row for table in tables.values() for row in table)
    print(f"{'':24}" + "".join(f"{name:>16}" for name in tables))
    for row in rows:
        print(f"{row:24}" + "".join(f"{table[row]:16.3f}" if row in table else f"{'':16}" for table in tables.values()))
    if FULL_TEXT.exists() and not names:
        _growth(FULL_TEXT.read_text(encoding="utf-8"))


def _growth(text: str) -> None:
    print(f"\n{'characters':>12}{'seconds':>10}{'a million':>12}{'megabytes':>12}")
    for length in (0, 500_000, 5_000_000):
        longer = grown_to(text, length)
        start = time.process_time()
        read(clauses(blocks_of_text(longer)))
        seconds = time.process_time() - start
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"{len(longer):12}{seconds:10.2f}{seconds / len(longer) * 1e6:12.1f}{memory:12.0f}")


if __name__ == "__main__":
    main(sys.argv[1:])
