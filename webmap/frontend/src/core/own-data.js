/** Names of indicators that somebody has brought along: they are the page's own and the server knows nothing of them. */
export const OWN = "own/";
export const isOwn = (id) => String(id || "").startsWith(OWN);
