/**
 * Which place a name in somebody's sheet means, by the rules of the server's sheets (`layers/ledger/names.py`);
 * `tests/place_cases.json` has the cases that both must pass. Nothing here touches the page.
 */

const TAIL = /(?:街道办事处|街道|镇|乡|农场|开发区|管委会|办事处)$/;
const TOTALS = new Set(["合计", "总计", "小计", "总和", "共计", "total", "sum", "全区", "全县", "全市", "全域", "本区", "本县", "全区合计", "全县合计", "district"]);
const CUTOFF = 0.4;
const MOST_NEAR = 3;

/** A name as it is compared: full width as half, no blanks, lower case. */
export const key = (text) => String(text).normalize("NFKC").replace(/\s/g, "").toLowerCase();

/** Look-ups for places `[{id, name, name_en, aliases}]`. */
export class Places {
  constructor(places) {
    this.list = places;
    this.names = new Map();
    this.short = new Map();
    for (const place of places) {
      for (const name of [place.id, place.name, place.name_en, ...(place.aliases || [])].filter(Boolean)) {
        const whole = key(name);
        if (!this.names.has(whole)) this.names.set(whole, place.id);
        const short = whole.replace(TAIL, "");
        this.short.set(short, (this.short.get(short) || new Set()).add(place.id));
      }
    }
  }

  /** Id of the place: by its name, or by it without 镇 or 街道 where that is one place only; null otherwise. */
  find(text) {
    const whole = key(text);
    if (!whole) return null;
    if (this.names.has(whole)) return this.names.get(whole);
    const found = this.short.get(whole.replace(TAIL, ""));
    return found?.size === 1 ? [...found][0] : null;
  }

  /** Ids of the places that a text may mean, the nearest first. */
  near(text) {
    const letters = new Set(text);
    const length = [...text].length;
    let best = [];
    for (const place of this.list) {
      const signs = [...place.name];
      const shared = Math.min(length, signs.filter((sign) => letters.has(sign)).length);
      // No more can be in common: of very many names few are compared.
      const most = (2 * shared) / (length + signs.length || 1);
      if (most < CUTOFF || (best.length === MOST_NEAR && most <= best[MOST_NEAR - 1].ratio)) continue;
      const ratio = likeness(text, place.name);
      if (ratio >= CUTOFF) best = [...best, { id: place.id, ratio }].sort((a, b) => b.ratio - a.ratio).slice(0, MOST_NEAR);
    }
    return best.map((one) => one.id);
  }
}

/** Is this the line of a sum, which belongs to no place? */
export const isTotal = (text) => TOTALS.has(key(text));

/** Twice the letters in common by both lengths, as Python's difflib counts them (Ratcliff and Obershelp). */
export function likeness(first, second) {
  const [a, b] = [[...first], [...second]];
  return a.length + b.length ? (2 * common(a, b)) / (a.length + b.length) : 1;
}

function common(a, b) {
  let [size, atA, atB] = [0, 0, 0];
  for (let i = 0; i < a.length; i += 1) {
    for (let j = 0; j < b.length; j += 1) {
      let length = 0;
      while (i + length < a.length && j + length < b.length && a[i + length] === b[j + length]) length += 1;
      if (length > size) [size, atA, atB] = [length, i, j];
    }
  }
  if (!size) return 0;
  return size + common(a.slice(0, atA), b.slice(0, atB)) + common(a.slice(atA + size), b.slice(atB + size));
}
