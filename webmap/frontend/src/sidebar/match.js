/** Matching what somebody types against the search index. Pure; see `search.js` for the box. */

/** Lower case, without spaces, dashes, tone marks and the like, full-width letters made plain. */
export function normalise(text) {
  return String(text ?? "")
    .normalize("NFKD")
    .replace(/[\u0300-\u036f]/g, "")
    .toLowerCase()
    .replace(/[\s·・\-–—_'’“”"（）()【】《》、，,.。/]+/g, "");
}

const list = (value) => (Array.isArray(value) ? value : value ? [value] : []);

/** Index entries with their searchable forms worked out once. */
export function prepare(entries) {
  return entries.map((entry) => ({
    entry,
    names: [entry.name, entry.name_en, ...list(entry.aliases)].filter(Boolean).map(normalise),
    pinyin: list(entry.pinyin).map(normalise),
    initials: list(entry.initials).map(normalise),
  }));
}

/**
 * How well an entry fits: 0 not at all; names before pinyin before initials, whole before start before
 * inside. Initials count from two letters on and from their start only: "x" alone would find everything.
 */
export function score(item, query) {
  let best = 0;
  const rate = (text, whole, start, inside) => {
    if (!text) return;
    if (text === query) best = Math.max(best, whole);
    else if (text.startsWith(query)) best = Math.max(best, start);
    else if (inside && text.includes(query)) best = Math.max(best, inside);
  };
  item.names.forEach((text, index) => rate(text, index ? 95 : 100, index ? 76 : 80, index ? 56 : 60));
  if (query.length > 1 || item.pinyin.includes(query)) {
    for (const text of item.pinyin) rate(text, 90, 72, query.length > 2 ? 40 : 0);
    for (const text of item.initials) rate(text, 70, 50, 0);
  }
  return best;
}

/** The entries that fit, best first; equal ones in the order of `rank` (a number for each entry), then by length of name. */
export function find(prepared, text, { limit = 12, rank = () => 0 } = {}) {
  const query = normalise(text);
  if (!query) return [];
  return prepared
    .map((item) => ({ item, value: score(item, query) }))
    .filter(({ value }) => value > 0)
    .sort((a, b) => b.value - a.value || rank(a.item.entry) - rank(b.item.entry) || a.item.names[0].length - b.item.names[0].length)
    .slice(0, limit)
    .map(({ item }) => item.entry);
}
