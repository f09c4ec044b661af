/** A sheet that somebody drops on the map: its rows, its columns of numbers, the places of its rows. Nothing here touches the page. */
import { isTotal } from "./names.js";

export const MOST_BYTES = 5_000_000;
export const MOST_ROWS = 60_000;
export const MOST_COLUMNS = 200;
/** Columns that are kept, and letters of a name that are. */
export const MOST_KEPT = 24;
const NAME_LENGTH = 60;
/** Unknown names for which the nearest places are sought; more are not listed. */
export const MOST_NEAR = 30;

/** What is wrong with a file: `key` is a message, `params` its places. */
export class SheetError extends Error {
  constructor(key, params = {}) {
    super(key);
    this.key = key;
    this.params = params;
  }
}

/** Text of a CSV file: UTF-8, or UTF-16 with its mark, or GB18030 as offices save it. */
export function decode(bytes) {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder("utf-16le").decode(bytes);
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder("utf-16be").decode(bytes);
  let text = "";
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    text = new TextDecoder("gb18030").decode(bytes);
  }
  if (text.includes("\0")) throw new SheetError("own.not_a_table");
  return text;
}

/** Rows of a CSV: quotes with doubled quotes in them, line ends of every sort, commas, semicolons or tabs. */
export function parseCsv(text) {
  const between = separatorOf(text);
  const rows = [];
  let [row, cell, quoted, fresh] = [[], "", false, true];
  const endCell = () => {
    if (row.length >= MOST_COLUMNS) throw new SheetError("own.too_wide", { count: MOST_COLUMNS });
    row.push(cell);
    [cell, fresh] = ["", true];
  };
  const endRow = () => {
    endCell();
    if (rows.length >= MOST_ROWS) throw new SheetError("own.too_long", { count: MOST_ROWS });
    rows.push(row);
    row = [];
  };
  for (let at = 0; at < text.length; at += 1) {
    const letter = text[at];
    if (quoted) {
      if (letter !== '"') cell += letter;
      else if (text[at + 1] === '"') {
        cell += '"';
        at += 1;
      } else quoted = false;
    } else if (letter === '"' && fresh) [quoted, fresh] = [true, false];
    else if (letter === between) endCell();
    else if (letter === "\n" || letter === "\r") {
      if (letter === "\r" && text[at + 1] === "\n") at += 1;
      endRow();
    } else {
      cell += letter;
      fresh = false;
    }
  }
  if (cell || row.length) endRow();
  return rows;
}

/** What stands between cells: the sign of which the first lines have most. */
function separatorOf(text) {
  const head = text.slice(0, 4000).replace(/"[^"]*"/g, "");
  const counts = [",", "\t", ";"].map((sign) => head.split(sign).length);
  return [",", "\t", ";"][counts.indexOf(Math.max(...counts))];
}

const NOTHING = new Set(["", "-", "--", "—", "——", "–", "…", "……", "/", "\\", "无", "暂无", "缺", "n/a", "na", "null", "暂缺", "待统计"]);
const UNIT = "(?:%|‰|[十百千万亿]{0,2}(?:元|人|户|个|家|件|辆|台|座|处|所|张|吨|亩|公顷|米|平方米|公里|千米|平方公里|平方千米)|km2|m2|km|m|ha|t)";
const NUMBER = new RegExp(`^([+-]?(?:\\d{1,3}(?:,\\d{3})+|\\d+)?(?:\\.\\d+)?(?:e[+-]?\\d{1,3})?)(${UNIT})?$`, "i");

/** A number as it is typed; null where there is none: "１，８２８．４７", "42.5%", "−3", "1828亿元*". */
export function numberIn(cell) {
  if (typeof cell === "number") return Number.isFinite(cell) ? cell : null;
  const plain = String(cell ?? "").replace(/[*＊#†\s]+$/, "").normalize("NFKC").replace(/\s/g, "").replace(/[−–]/g, "-");
  if (plain.length > 40 || NOTHING.has(plain.toLowerCase())) return null;
  const found = NUMBER.exec(plain);
  if (!found || !/\d/.test(found[1])) return null;
  const value = Number(found[1].replace(/,/g, ""));
  return Number.isFinite(value) ? value : null;
}

const text = (cell) => String(cell ?? "").replace(/[\s\u200b\ufeff]+/g, " ").trim();

/**
 * What a sheet says: `{level, columns: [{name, unit, period, values: Map(id → number)}], rows, matched, unknown: [{name, near, row}], twice: [names],
 * total}`. `rows` are as read; `places` is `Places` of `names.js`, `meant` a Map of names that somebody has decided on.
 */
export function readSheet(rows, places, meant = new Map()) {
  const find = (cell) => (meant.has(text(cell)) ? meant.get(text(cell)) : places.find(text(cell)));
  const column = placeColumn(rows, find);
  if (column < 0) throw new SheetError("own.no_places");
  const first = rows.findIndex((row) => find(row[column]));
  const level = levelOf(rows.map((row) => find(row[column])).filter(Boolean));
  const found = new Map();
  const [unknown, twice] = [[], []];
  let total = 0;
  rows.slice(first).forEach((row, at) => {
    const name = text(row[column]);
    if (!name || isTotal(name)) return;
    // A note under the table names no place and has no figures.
    if (!row.some((cell, index) => index !== column && numberIn(cell) !== null)) return;
    total += 1;
    const id = find(name);
    if (!id && !meant.has(name)) unknown.push({ name: name.slice(0, NAME_LENGTH), near: unknown.length < MOST_NEAR ? places.near(name) : [], row: first + at + 1 });
    if (!id || !id.startsWith(`${level}/`)) return;
    if (found.has(id)) twice.push(name.slice(0, NAME_LENGTH));
    else found.set(id, row);
  });
  const columns = columnsOf(rows.slice(0, first), found, column);
  if (!columns.length) throw new SheetError("own.no_numbers");
  return { level, columns, matched: found.size, total, unknown, twice };
}

/** The column in which most cells name a place. */
function placeColumn(rows, find) {
  const counts = [];
  for (const row of rows) row.forEach((cell, at) => (counts[at] = (counts[at] || 0) + (typeof cell !== "number" && find(cell) ? 1 : 0)));
  const most = Math.max(0, ...counts.filter(Boolean));
  return most ? counts.indexOf(most) : -1;
}

/** The level that most places are of. */
function levelOf(ids) {
  const townships = ids.filter((id) => id.startsWith("township/")).length;
  return townships * 2 >= ids.length ? "township" : "zone";
}

/** The columns with numbers, named by what stands above them. */
function columnsOf(heads, found, skip) {
  // A title over the table, which says one thing only, is no heading.
  const headings = heads.filter((row) => new Set(row.map(text).filter(Boolean)).size > 1);
  let width = 0;
  for (const row of found.values()) width = Math.max(width, row.length);
  const columns = [];
  for (let at = 0; at < width && columns.length < MOST_KEPT; at += 1) {
    if (at === skip) continue;
    const cells = [...found].map(([id, row]) => [id, row[at]]);
    const values = new Map(cells.map(([id, cell]) => [id, numberIn(cell)]).filter(([, value]) => value !== null));
    const written = cells.filter(([, cell]) => !NOTHING.has(text(cell).toLowerCase())).length;
    if (!values.size || values.size * 2 < written) continue;
    const head = headOf(headings, at);
    // Numbers of lines are no figures.
    if (/^(序号|编号|no\.?|#|代码|行政区划代码|code)$/i.test(head)) continue;
    columns.push({ ...named(head, columns.length + 1), values });
  }
  return columns;
}

/** The heading of a column: the lowest text above it, with what stands over several columns before it. */
function headOf(heads, at) {
  const lines = heads.map((row) => text(row[at])).filter(Boolean);
  return [...new Set(lines)].slice(-2).join(" ").slice(0, 3 * NAME_LENGTH);
}

function named(head, number) {
  const bracket = /[(（[【]([^()（）[\]【】]{1,12})[)）\]】]\s*$/.exec(head);
  const name = (bracket ? head.slice(0, bracket.index) : head).trim().slice(0, NAME_LENGTH);
  const period = /^(?:19|20|21)\d{2}(?=年?$)/.exec(head.normalize("NFKC"))?.[0] || "";
  return { name: name || `#${number}`, unit: bracket ? bracket[1].trim() : "", period };
}
