/**
 * The first sheet of an XLSX file that has anything in it, as rows. The zip is opened by fflate (MIT), the XML by the browser; what would
 * swell beyond measure is not opened.
 */
import { unzipSync } from "fflate";
import { MOST_COLUMNS, MOST_ROWS, SheetError } from "./sheet-model.js";

const MOST_UNPACKED = 40_000_000;
const WANTED = /^xl\/(?:workbook\.xml|sharedStrings\.xml|styles\.xml|_rels\/workbook\.xml\.rels|worksheets\/[^/]+\.xml)$/;
const PERCENT_BUILT_IN = new Set([9, 10]);

/** Rows of strings and numbers; a percentage is what it is read as (42 for 42 %). */
export function readXlsx(bytes) {
  let left = MOST_UNPACKED;
  let files = {};
  try {
    files = unzipSync(bytes, {
      filter: ({ name, originalSize }) => {
        if (!WANTED.test(name)) return false;
        left -= originalSize;
        if (left < 0) throw new SheetError("own.too_large");
        return true;
      },
    });
  } catch (error) {
    throw error instanceof SheetError ? error : new SheetError("own.not_a_table");
  }
  const sheets = sheetNames(files);
  if (!sheets.length) throw new SheetError("own.not_a_table");
  const strings = sharedStrings(files);
  const percents = percentStyles(files);
  for (const name of sheets) {
    const rows = rowsOf(xml(files[name]), strings, percents);
    if (rows.some((row) => row.some((cell) => cell !== ""))) return rows;
  }
  throw new SheetError("own.empty");
}

function xml(bytes) {
  const text = new TextDecoder().decode(bytes);
  // No sheet has one; entities could make little text endless.
  if (text.includes("<!DOCTYPE") || text.includes("<!ENTITY")) throw new SheetError("own.not_a_table");
  const found = new DOMParser().parseFromString(text, "application/xml");
  if (found.querySelector("parsererror")) throw new SheetError("own.not_a_table");
  return found;
}

const all = (node, name) => [...node.getElementsByTagNameNS("*", name)];

/** Paths of the sheets in the workbook's order, hidden ones last. */
function sheetNames(files) {
  const known = Object.keys(files).filter((name) => name.startsWith("xl/worksheets/"));
  const [book, links] = [files["xl/workbook.xml"], files["xl/_rels/workbook.xml.rels"]];
  if (!book || !links) return known;
  const targets = new Map(all(xml(links), "Relationship").map((one) => [one.getAttribute("Id"), `xl/${(one.getAttribute("Target") || "").replace(/^\/?(xl\/)?/, "")}`]));
  const sheets = all(xml(book), "sheet").map((one) => ({ path: targets.get(one.getAttribute("r:id")), hidden: (one.getAttribute("state") || "visible") !== "visible" }));
  return sheets.filter((one) => known.includes(one.path)).sort((a, b) => a.hidden - b.hidden).map((one) => one.path);
}

/** Texts that cells point to; readings beside Chinese characters (`rPh`) are none. */
function sharedStrings(files) {
  const table = files["xl/sharedStrings.xml"];
  return table ? all(xml(table), "si").map(textOf) : [];
}

const textOf = (node) => all(node, "t").filter((one) => one.parentNode.localName !== "rPh").map((one) => one.textContent).join("");

/** Numbers of the cell formats that show percentages. */
function percentStyles(files) {
  const table = files["xl/styles.xml"];
  if (!table) return new Set();
  const styles = xml(table);
  const own = new Set(all(styles, "numFmt").filter((one) => (one.getAttribute("formatCode") || "").includes("%")).map((one) => Number(one.getAttribute("numFmtId"))));
  const formats = styles.getElementsByTagNameNS("*", "cellXfs")[0];
  const ids = formats ? all(formats, "xf").map((one) => Number(one.getAttribute("numFmtId"))) : [];
  return new Set(ids.flatMap((id, at) => (PERCENT_BUILT_IN.has(id) || own.has(id) ? [at] : [])));
}

function rowsOf(sheet, strings, percents) {
  const rows = [];
  for (const line of all(sheet, "row")) {
    const at = Number(line.getAttribute("r") || rows.length + 1) - 1;
    if (!(at >= rows.length) || at >= MOST_ROWS) throw new SheetError("own.too_long", { count: MOST_ROWS });
    while (rows.length < at) rows.push([]);
    rows.push(cellsOf(line, strings, percents));
  }
  merge(sheet, rows);
  return rows;
}

function cellsOf(line, strings, percents) {
  const cells = [];
  for (const cell of all(line, "c")) {
    const at = columnOf(cell.getAttribute("r"), cells.length);
    if (at >= MOST_COLUMNS) throw new SheetError("own.too_wide", { count: MOST_COLUMNS });
    while (cells.length < at) cells.push("");
    cells[at] = valueOf(cell, strings, percents);
  }
  return cells;
}

function valueOf(cell, strings, percents) {
  const type = cell.getAttribute("t") || "n";
  const raw = cell.getElementsByTagNameNS("*", "v")[0]?.textContent ?? "";
  if (type === "s") return strings[Number(raw)] ?? "";
  if (type === "inlineStr") return textOf(cell);
  if (type !== "n") return type === "e" ? "" : raw;
  if (raw === "") return "";
  const value = Number(raw);
  if (!Number.isFinite(value)) return "";
  return percents.has(Number(cell.getAttribute("s"))) ? Number((value * 100).toPrecision(12)) : value;
}

/** "C7" is the third column; without a name the next one. */
function columnOf(name, next) {
  const letters = /^[A-Z]{1,3}/.exec(name || "")?.[0];
  return letters ? [...letters].reduce((sum, letter) => sum * 26 + letter.charCodeAt(0) - 64, 0) - 1 : next;
}

/** A heading over several columns counts for each of them. */
function merge(sheet, rows) {
  for (const one of all(sheet, "mergeCell").slice(0, 500)) {
    const found = /^([A-Z]{1,3})(\d+):([A-Z]{1,3})(\d+)$/.exec(one.getAttribute("ref") || "");
    if (!found) continue;
    const [left, right] = [columnOf(found[1], 0), Math.min(columnOf(found[3], 0), MOST_COLUMNS - 1)];
    const row = rows[Number(found[2]) - 1];
    if (!row || found[2] !== found[4]) continue;
    const value = row[left] ?? "";
    for (let at = left; at <= right; at += 1) {
      while (row.length <= at) row.push("");
      row[at] = value;
    }
  }
}
