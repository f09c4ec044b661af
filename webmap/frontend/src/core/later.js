/**
 * What the first second does not need (later.js): libraries for coordinates and measuring, and the set of icons. It comes
 * once, when something asks for it or when the page has nothing else to do. A stand-alone file carries it.
 */

/** A function that resolves to the parts of later.js; asked again after it has failed. */
export function createLater(config) {
  let pending = null;
  return () => {
    if (window.planmapLater) return Promise.resolve(window.planmapLater);
    pending ||= load(config.urls?.later).catch((error) => {
      pending = null;
      throw error;
    });
    return pending;
  };
}

function load(url) {
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = url;
    script.onload = () => resolve(window.planmapLater);
    script.onerror = () => reject(new Error(`not loaded: ${url}`));
    document.head.append(script);
  });
}
