/**
 * The page of a story: the words scroll, the map in the frame beside them follows by the same messages that any page may send
 * (docs/embed). A program of its own. Without it the page has a picture with each step. `window.__ready = true` once the map shows a step.
 */
import { media } from "./core/breakpoints.js";
import { commandsOf, keyed, stepAt } from "./story/story-model.js";

const VERSION = 1;
/** The map is told where the reader has come to rest. */
const REST_MS = 180;
/** How far down the window a step's head has to have come: on a phone the map takes the upper half. */
const LINES = { wide: 0.5, phone: 0.72 };

const page = document.getElementById("story");
const frame = document.getElementById("story-frame");
if (page && frame) install();

function install() {
  const steps = [...page.querySelectorAll("[data-map]")];
  const shown = steps.map((step) => JSON.parse(step.dataset.map));
  let at = -1;
  let timer = 0;
  /** What fills the screen, as far as the reader has been brought back to the step in it. */
  let full = null;
  page.classList.add("story-live");
  const driver = drive(frame);
  const phone = media("sheet");
  const tell = () => {
    // Another thing scrolls then, from its own beginning: that is nowhere the reader has gone.
    if (fullNow() !== full) return;
    const number = stepAt(steps.map((step) => step.getBoundingClientRect().top), window.innerHeight * (phone.matches ? LINES.phone : LINES.wide));
    if (number === at) return;
    at = number;
    reflect(steps, at);
    clearTimeout(timer);
    timer = setTimeout(() => {
      driver.show(commandsOf(shown[at]));
      if (window.location.hash.slice(1) !== steps[at].id) window.history.replaceState(window.history.state, "", `#${steps[at].id}`);
    }, REST_MS);
  };
  const go = (to) => steps[to].scrollIntoView({ behavior: window.matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth", block: "start" });
  // Whoever scrolls: the window, or the story when it fills the screen.
  document.addEventListener("scroll", tell, { capture: true, passive: true });
  window.addEventListener("resize", tell);
  document.addEventListener("keydown", (event) => {
    if (event.target.closest("input, textarea, select, summary")) return;
    const to = keyed(event, at, steps.length);
    if (to === null) return;
    event.preventDefault();
    go(to);
  });
  page.querySelector("[data-go='back']").addEventListener("click", () => at > 0 && go(at - 1));
  page.querySelector("[data-go='next']").addEventListener("click", () => at < steps.length - 1 && go(at + 1));
  // At once, in the same turn: where the reader goes from here on is not undone.
  installFull(page.querySelector("[data-go='full']"), () => {
    steps[at].scrollIntoView({ behavior: "instant", block: "start" });
    full = fullNow();
    tell();
  });
  tell();
}

/** What fills the screen, or null. */
function fullNow() {
  return document.fullscreenElement || null;
}

/** Which step it is: in the bar, and on the step itself. */
function reflect(steps, at) {
  steps.forEach((step, number) => {
    if (number === at) step.setAttribute("aria-current", "step");
    else step.removeAttribute("aria-current");
  });
  page.querySelector(".story-place").textContent = steps[at].dataset.place;
  page.querySelector("[data-go='back']").disabled = at === 0;
  page.querySelector("[data-go='next']").disabled = at === steps.length - 1;
}

function installFull(button, changed) {
  if (!document.fullscreenEnabled) return;
  const { on, off } = button.dataset;
  button.hidden = false;
  // eslint-disable-next-line compat/compat -- where it is not there, the button is not shown
  button.addEventListener("click", () => (document.fullscreenElement ? document.exitFullscreen() : page.requestFullscreen()).catch(() => {}));
  document.addEventListener("fullscreenchange", () => {
    button.textContent = document.fullscreenElement ? off : on;
    changed();
  });
}

/** The map in the frame: shows the last list of commands that was asked for; what was asked for meanwhile and is old is left out. */
function drive(map) {
  let ready = false;
  let wanted = null;
  let last = null;
  let count = 0;
  const next = () => {
    if (!ready || last !== null || !wanted) return;
    const commands = wanted;
    wanted = null;
    for (const command of commands) {
      count += 1;
      map.contentWindow.postMessage({ ...command, planmap: VERSION, id: count }, window.location.origin);
    }
    last = count;
  };
  window.addEventListener("message", ({ data, source, origin }) => {
    if (source !== map.contentWindow || origin !== window.location.origin || typeof data !== "object" || data === null || data.planmap !== VERSION) return;
    if (data.event === "ready") ready = true;
    if (last !== null && data.reply === last) {
      last = null;
      window.__ready = true;
    }
    next();
  });
  map.src = map.dataset.src;
  return {
    show(commands) {
      wanted = commands;
      next();
    },
  };
}
