/**
 * `<plan-map>`: an embedded map as an element of somebody's page. One file without imports, served at `/plan-map.js`; it
 * also works from disk. docs/embed/README.md has its attributes, methods and events.
 *
 *   <script src="https://plan.example.cn/plan-map.js" defer></script>
 *   <plan-map view="overview" indicator="area_km2:zone" aspect="16/9"></plan-map>
 */
const VERSION = 1;
/** Where this file came from: the map's server, unless an element names another. */
const HOME = document.currentScript && /^https?:/.test(document.currentScript.src) ? document.currentScript.src.replace(/\/plan-map\.js(\?.*)?$/, "") : "";
const HEIGHT_PX = 480;
/** Attributes whose change opens the map anew. */
const OPENING = ["src", "server", "lang", "theme", "controls", "legend", "zone"];
/** Attributes whose change is a message to the map that is open. */
const LIVE = ["view", "layers", "indicator", "filter", "selection", "bounds"];
const SIZE = ["width", "height", "aspect", "title"];
const QUERY = ["layers", "indicator", "zone", "lang", "theme", "controls", "legend"];

class PlanMap extends HTMLElement {
  static get observedAttributes() {
    return [...OPENING, ...LIVE, ...SIZE];
  }

  constructor() {
    super();
    this.frame = null;
    this.ready = false;
    this.asked = new Map();
    this.count = 0;
    this.queue = [];
    this.onMessage = this.onMessage.bind(this);
  }

  connectedCallback() {
    if (!this.shadowRoot) this.attachShadow({ mode: "open" });
    window.addEventListener("message", this.onMessage);
    this.open();
  }

  disconnectedCallback() {
    window.removeEventListener("message", this.onMessage);
    this.close();
  }

  attributeChangedCallback(name, before, now) {
    if (!this.frame || before === now) return;
    if (SIZE.includes(name)) this.fit();
    else if (OPENING.includes(name) || (this.hasAttribute("src") && !this.ready)) this.open();
    else this.follow(name, now);
  }

  /** The address that the frame shows. */
  address() {
    if (this.getAttribute("src")) return new URL(this.getAttribute("src"), document.baseURI).href;
    const server = (this.getAttribute("server") || HOME).replace(/\/$/, "");
    if (!server) throw new Error("<plan-map> needs the attribute server or src");
    const url = new URL(`${server}/embed/${encodeURIComponent(this.getAttribute("view") || "overview")}`, document.baseURI);
    for (const name of QUERY) if (this.hasAttribute(name)) url.searchParams.set(name, this.getAttribute(name));
    const hash = [["bounds", "bounds"], ["filter", "flt"], ["selection", "sel"]].filter(([name]) => this.getAttribute(name));
    url.hash = hash.map(([name, key]) => `${key}=${key === "flt" ? this.getAttribute(name) : encodeURIComponent(this.getAttribute(name)).replace(/%2C/g, ",")}`).join("&");
    return url.href;
  }

  open() {
    this.close();
    const frame = document.createElement("iframe");
    try {
      frame.src = this.address();
    } catch (error) {
      this.say("error", { code: "no_address", message: error.message });
      return;
    }
    frame.loading = "lazy";
    frame.allowFullscreen = true;
    this.frame = frame;
    this.fit();
    this.shadowRoot.replaceChildren(frame);
  }

  close() {
    this.ready = false;
    for (const { no } of this.asked.values()) no(new Error("closed"));
    this.asked.clear();
    this.queue = [];
    if (this.frame) this.frame.remove();
    this.frame = null;
  }

  /** A fixed height, or as high as the width and the aspect say; never wider than `width`. */
  fit() {
    const { frame } = this;
    const aspect = /^\s*(\d+(?:\.\d+)?)\s*[/:]\s*(\d+(?:\.\d+)?)\s*$/.exec(this.getAttribute("aspect") || "");
    const pixels = (name) => (/^\d{2,4}$/.test(this.getAttribute(name) || "") ? `${this.getAttribute(name)}px` : "");
    const set = (node, rules) => Object.entries(rules).forEach(([name, value]) => node.style.setProperty(name, value));
    set(this, { display: "block", "max-width": pixels("width") });
    set(frame, { display: "block", width: "100%", border: "0" });
    if (aspect) set(frame, { height: "auto", "aspect-ratio": `${aspect[1]} / ${aspect[2]}`, "min-height": "220px" });
    else set(frame, { height: pixels("height") || `${HEIGHT_PX}px`, "aspect-ratio": "", "min-height": "" });
    frame.title = this.getAttribute("title") || "planmap";
  }

  /** An attribute that changed while the map is open. */
  follow(name, now) {
    const listed = (now || "").split(",").filter(Boolean);
    const [indicator, level, method] = (now || "").split(":");
    const message = {
      view: () => now && this.setView({ view: now }),
      bounds: () => now && this.setView({ bounds: listed.map(Number) }),
      layers: () => this.setLayers(listed),
      indicator: () => this.setIndicator(indicator && indicator !== "none" ? indicator : null, { level, method }),
      filter: () => this.setFilter(now || ""),
      selection: () => this.select(now || null),
    }[name]();
    // What went wrong is heard as the event "error".
    if (message) message.catch(() => {});
  }

  /** Send a command; resolves to the map's state, rejects with an error that has `code` and `field`. */
  command(command, values = {}) {
    return new Promise((yes, no) => {
      this.count += 1;
      const id = `plan-map-${this.count}`;
      this.asked.set(id, { yes, no });
      const message = { ...values, planmap: VERSION, id, command };
      if (this.ready) this.post(message);
      else this.queue.push(message);
    });
  }

  setView(where) {
    return this.command("setView", where);
  }

  setLayers(layers) {
    return this.command("setLayers", { layers });
  }

  setLayer(layer, { visible, opacity } = {}) {
    return this.command("setLayer", { layer, visible, opacity });
  }

  setIndicator(indicator, { level, method } = {}) {
    return this.command("setIndicator", { indicator, level: level || undefined, method: method || undefined });
  }

  setTime(year) {
    return this.command("setTime", { year });
  }

  setFilter(filter) {
    return this.command("setFilter", { filter });
  }

  select(feature, { zoom, card } = {}) {
    return this.command("select", { feature, zoom, card });
  }

  getState() {
    return this.command("getState");
  }

  post(message) {
    // A file has no origin that could be named.
    const { protocol, origin } = new URL(this.frame.src);
    this.frame.contentWindow.postMessage(message, protocol === "file:" ? "*" : origin);
  }

  onMessage({ data, source }) {
    if (!this.frame || source !== this.frame.contentWindow || typeof data !== "object" || data === null || data.planmap !== VERSION) return;
    const { event, reply, planmap, ...detail } = data;
    const asked = this.asked.get(reply);
    this.asked.delete(reply);
    if (event === "done" && asked) asked.yes(detail.state);
    if (event === "error" && asked) asked.no(Object.assign(new Error(detail.message), detail));
    if (event === "ready") {
      this.ready = true;
      for (const message of this.queue.splice(0)) this.post(message);
    }
    if (["ready", "view", "select", "error"].includes(event)) this.say(event, detail);
  }

  say(event, detail) {
    this.dispatchEvent(new CustomEvent(event, { detail }));
  }
}

if (!customElements.get("plan-map")) customElements.define("plan-map", PlanMap);
