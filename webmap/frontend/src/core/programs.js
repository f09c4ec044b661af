/**
 * The programs that come after the first one (build.mjs): `rest.js`, what the page has around the map; `asked.js`, what opens
 * on demand; `later.js`, libraries for coordinates and measuring, and the set of icons; `large.js` draws large layers. Each comes once, when something asks
 * for it or when the page has nothing else to do. A stand-alone file carries them.
 */

/** `{rest, asked, later, large}`: functions that resolve to a program's parts; asked again after they have failed. */
export function createPrograms({ urls = {} }) {
  return {
    rest: bringing("planmapRest", urls.rest, urls.rest_style),
    asked: bringing("planmapAsked", urls.asked, urls.asked_style),
    later: bringing("planmapLater", urls.later),
    large: bringing("planmapLarge", urls.large),
  };
}

function bringing(name, url, style) {
  let pending = null;
  return () => {
    if (window[name]) return Promise.resolve(window[name]);
    pending ||= Promise.all([load("script", { src: url }), style && load("link", { rel: "stylesheet", href: style })]).then(
      () => window[name],
      (error) => {
        pending = null;
        throw error;
      },
    );
    return pending;
  };
}

function load(tag, attributes) {
  return new Promise((resolve, reject) => {
    const node = Object.assign(document.createElement(tag), attributes);
    node.onload = resolve;
    node.onerror = () => {
      node.remove();
      reject(new Error(`not loaded: ${attributes.src || attributes.href}`));
    };
    document.head.append(node);
  });
}
