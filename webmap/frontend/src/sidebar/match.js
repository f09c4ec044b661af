/** Matching what somebody types against the search index. Pure; see `search.js` for the box. */

/**
 * Lower case, without spaces, dashes, tone marks and the like, full-width letters made plain, 二号线 as 2号线. Between
 * digits one dot stays: 专栏2-4 is not 专栏24, nor clause 7.1 the number 71.
 */
export function normalise(text) {
  return plain(text)
    .replace(/[一二三四五六七八九]/g, (numeral) => String("一二三四五六七八九".indexOf(numeral) + 1))
    .replace(/(\d)[\s.．·\-–—_/]+(?=\d)/g, "$1\u0001")
    .replace(MARKS, "")
    .replace(/\u0001/g, ".");
}

const MARKS = /[\s·・\-–—_'’“”"（）()【】《》、，,.。/:：]+/g;

function plain(text) {
  return String(text ?? "")
    .normalize("NFKD")
    .replace(/[\u0300-\u036f]/g, "")
    .toLowerCase();
}

/** The words of a text, normalised each. */
const wordsOf = (text) => plain(text).split(/[\s·・_/，,、；;：:（）()]+/).map(normalise).filter(Boolean);

const list = (value) => (Array.isArray(value) ? value : value ? [value] : []);

/** Index entries with their searchable forms worked out once. */
export function prepare(entries) {
  return entries.map((entry) => {
    const names = [entry.name, entry.name_en, ...list(entry.aliases)].filter(Boolean);
    return {
      entry,
      names: names.map(normalise),
      words: names.map(wordsOf),
      pinyin: list(entry.pinyin).map(normalise),
      initials: [...list(entry.initials).map(normalise), ...englishInitials(entry.name_en)],
    };
  });
}

/** GDP for Gross domestic product. */
function englishInitials(name) {
  const letters = wordsOf(name).map((word) => word[0]);
  return letters.length > 2 ? [letters.join("")] : [];
}

/** From this length on a query that a name ends with is that name without its beginning: 某地国际机场. */
const TELLING = 4;

/** So many letters of pinyin are as much: "xiang" or "zhen" alone end half of all names of townships. */
const TELLING_LETTERS = 10;

/** Does what a name ends with begin with a word? "Xiang" does not in "Wanxiang"; 汉字 are a word each. */
const beginsWord = (words, end) => isHan(end) || words.some((_word, index) => words.slice(index).join("") === end);

/**
 * How well an entry fits: 0 not at all; names before pinyin before initials, whole before end and start before
 * inside. Initials count from two letters on and from their start only: "x" alone would find everything.
 */
export function score(item, query) {
  let best = 0;
  const rate = (text, whole, start, inside, end = 0) => {
    if (!text) return;
    if (text === query) best = Math.max(best, whole);
    else if (end && text.endsWith(query)) best = Math.max(best, end);
    else if (text.startsWith(query)) best = Math.max(best, start);
    else if (inside && text.includes(query)) best = Math.max(best, inside);
  };
  item.names.forEach((text, index) => {
    const end = query.length >= TELLING && text.endsWith(query) && beginsWord(item.words[index], query);
    rate(text, index ? 95 : 100, index ? 76 : 80, index ? 56 : 60, end && (index ? 84 : 86));
  });
  if (query.length > 1 || item.pinyin.includes(query)) {
    for (const text of item.pinyin) rate(text, 90, 72, query.length > 2 ? 40 : 0, query.length >= TELLING_LETTERS ? 74 : 0);
    for (const text of item.initials) rate(text, 70, 50, 0);
  }
  return best;
}

/** Several words, in any order, each the beginning of a word of one name (or, in 汉字, in it); one may be misspelt. */
export function scoreWords(item, tokens) {
  let best = 0;
  item.names.forEach((name, index) => {
    const words = item.words[index];
    let wrong = 0;
    let whole = 0;
    const all = tokens.every((token) => {
      if (words.includes(token)) return (whole += 1);
      if (words.some((word) => word.startsWith(token)) || (isHan(token) && name.includes(token))) return true;
      wrong += 1;
      return wrong === 1 && token.length >= 4 && !digits(token) && words.some((word) => near(word, token) || near(word.slice(0, token.length), token));
    });
    if (!all) return;
    // The fewer words are left over, the more it is that name.
    const share = Math.min(1, tokens.length / Math.max(1, words.length));
    best = Math.max(best, wrong ? 24 : 50 + 20 * share + whole);
  });
  return best;
}

const isHan = (text) => /\p{Script=Han}/u.test(text);

/** One character wrong, missing, too many, or two exchanged; the whole name before a part of it. */
export function scoreNear(item, query) {
  const chinese = isHan(query);
  // Figures are not misspelt: line 2 is no line 1.
  const figures = digits(query);
  const texts = chinese ? item.names : [...item.names, ...item.pinyin];
  if (query.length >= 2 && texts.some((text) => near(text, query) && digits(text) === figures)) return 34;
  if (figures || query.length < (chinese ? 3 : 5)) return 0;
  return texts.some((text) => text.length > query.length && nearInside(text, query)) ? 28 : 0;
}

const digits = (text) => text.replace(/[^\d.]/g, "");

/** Do two texts differ by one character at most? */
export function near(first, second) {
  const [short, long] = first.length <= second.length ? [first, second] : [second, first];
  if (long.length - short.length > 1) return false;
  let at = 0;
  while (at < short.length && short[at] === long[at]) at += 1;
  if (long.length > short.length) return short.slice(at) === long.slice(at + 1);
  if (short.slice(at + 1) === long.slice(at + 1)) return true;
  return short[at] === long[at + 1] && short[at + 1] === long[at] && short.slice(at + 2) === long.slice(at + 2);
}

function nearInside(text, query) {
  for (let from = 0; from + query.length - 1 <= text.length; from += 1) {
    for (const length of [query.length, query.length - 1, query.length + 1]) {
      if (from + length <= text.length && near(text.slice(from, from + length), query)) return true;
    }
  }
  return false;
}

/** What is about the plan rather than in it comes after equal hits. */
const ASIDE = { claim: 0.6, review: 0.6 };

/** From this score on a whole name is meant. Then prominence on the map weighs too: the airport, also called so, before its station. */
const WHOLE = 95;
const PROMINENCE = 0.12;

/** Fewer hits than this, and those with a character wrong are shown too. */
const FEW = 3;

/** The entries that fit, best first; equal ones in the order of `rank` (a number for each entry, below 0 for what is prominent on the map), then by length of name. */
export function find(prepared, text, { limit = 12, rank = () => 0 } = {}) {
  const query = normalise(text);
  if (!query) return [];
  const tokens = wordsOf(text);
  const rate = (item) => Math.max(score(item, query), tokens.length > 1 ? scoreWords(item, tokens) : 0);
  const prominent = (item, value) => value + (value >= WHOLE ? PROMINENCE * Math.max(0, -rank(item.entry)) : 0);
  const rated = prepared.map((item) => ({ item, value: prominent(item, rate(item)) * (ASIDE[item.entry.type] ?? 1) }));
  let hits = rated.filter(({ value }) => value > 0);
  if (hits.length < FEW) hits = rated.map(({ item, value }) => ({ item, value: value || scoreNear(item, query) })).filter(({ value }) => value > 0);
  return hits
    .sort((a, b) => b.value - a.value || rank(a.item.entry) - rank(b.item.entry) || a.item.names[0].length - b.item.names[0].length)
    .slice(0, limit)
    .map(({ item }) => item.entry);
}
