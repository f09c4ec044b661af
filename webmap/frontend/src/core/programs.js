/**
 * The programs that come after the first one (build.mjs): `rest.js`, what the page has around the map; `soon.js`, what somebody is
 * likely to ask for first, with the words of all that comes late; `asked.js`, the rest of what opens on demand; `later.js`,
 * libraries for coordinates and measuring, and the set of icons; `large.js` draws large layers. Each comes once, when something
 * asks for it or when the page has nothing else to do. A stand-alone file carries them.
 */

import { nextTask } from "./slices.js";

/** `{rest, soon, asked, later, large}`: functions that resolve to a program's parts; asked again after they have failed. */
export function createPrograms({ urls = {}, messages = {} }) {
  const words = () => urls.words && fetchWords(urls.words).then((late) => Object.assign(messages, { ...late, ...messages }));
  const rest = bringing("planmapRest", urls.rest, urls.rest_style);
  const soon = bringing("planmapSoon", urls.soon, urls.soon_style, [rest, words]);
  const asked = bringing("planmapAsked", urls.asked, urls.asked_style, [soon]);
  return { rest, soon, asked, later: bringing("planmapLater", urls.later), large: bringing("planmapLarge", urls.large) };
}

/** `needs`: what has to be there before the program runs; all of it is asked for at once. */
function bringing(name, url, style, needs = []) {
  let pending = null;
  return () => {
    // In a file all of it is there; on a page the program alone is not enough.
    if (!pending && window[name]) return Promise.resolve(window[name]);
    // Scripts that are not async run in the order in which they were asked for.
    pending ||= Promise.all([...needs.map((need) => need()), load("script", { src: url, async: false }), style && load("link", { rel: "stylesheet", href: style })])
      .then(() => window[name] || Promise.reject(new Error(`not run: ${url}`)))
      .catch((error) => {
        pending = null;
        throw error;
      });
    return pending;
  };
}

async function fetchWords(url) {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`not loaded: ${url}`);
  return response.json();
}

function load(tag, attributes) {
  return new Promise((resolve, reject) => {
    const node = Object.assign(document.createElement(tag), attributes);
    // To evaluate it was one task, what is done with it is another.
    node.onload = () => nextTask().then(resolve);
    node.onerror = () => {
      node.remove();
      reject(new Error(`not loaded: ${attributes.src || attributes.href}`));
    };
    document.head.append(node);
  });
}
