/** The address and the code of an embedded map; nothing here touches the page. */

/**
 * The embed's address; what a view has by itself is left out.
 * @param base where embeds live, for example "/embed"
 * @param choices `{view, layers: ids|null, indicator: {id, level, method}|null, zone, width, height, lang}`
 */
export function embedUrl(origin, base, choices) {
  const url = new URL(`${base}/${encodeURIComponent(choices.view)}`, origin);
  // Commas and colons may stand in a query as they are; a readable address is worth that.
  const parts = [];
  const add = (name, value) => parts.push(`${name}=${encodeURIComponent(value).replace(/%2C/g, ",").replace(/%3A/g, ":").replace(/%2F/g, "/")}`);
  if (choices.layers) add("layers", choices.layers.join(","));
  if (choices.indicator) {
    const { id, level, method } = choices.indicator;
    add("indicator", [id, level, method].filter(Boolean).join(":"));
  }
  if (choices.zone) add("zone", choices.zone);
  if (choices.width) add("width", choices.width);
  if (choices.height) add("height", choices.height);
  if (choices.lang) add("lang", choices.lang);
  url.search = parts.join("&");
  return url.href;
}

/** The iframe as text to paste; every value is escaped for an attribute in double quotes. */
export function embedCode(url, { width, height, title }) {
  return `<iframe src="${attribute(url)}" width="${attribute(width)}" height="${attribute(height)}" title="${attribute(title)}" loading="lazy" frameborder="0" allowfullscreen></iframe>`;
}

function attribute(value) {
  const marks = { "&": "&amp;", '"': "&quot;", "'": "&#39;", "<": "&lt;", ">": "&gt;" };
  return String(value).replace(/[&"'<>]/g, (mark) => marks[mark]);
}
