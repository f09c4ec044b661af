/**
 * Words on the screen. A message is `{zh, en}` or, where the server has chosen the language already,
 * one text; `{name}` in it is replaced by the parameter of that name. With `count` 1 the message `<key>_one`
 * comes first, where there is one.
 */
export function createTranslator(messages, lang) {
  return function t(key, params) {
    // One of a thing has its own wording where the language asks for it.
    const single = params && Number(params.count) === 1 && messages[`${key}_one`];
    const entry = single || messages[key];
    let text = key;
    if (typeof entry === "string") text = entry;
    else if (entry) text = entry[lang] || entry.zh || key;
    if (!params) return text;
    return text.replace(/\{(\w+)\}/g, (whole, name) => (name in params ? String(params[name]) : whole));
  };
}

/** The field of a record in the page's language: `name` or `name_en`, the other one where it is missing. */
export function pick(record, field, lang) {
  if (!record) return "";
  const zh = record[field] || "";
  const en = record[`${field}_en`] || "";
  return lang === "en" ? en || zh : zh || en;
}
