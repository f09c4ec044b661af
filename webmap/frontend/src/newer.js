/**
 * Says on an open page that a newer edition is there. A program of its own: pages for reading have no other, and the map's
 * first second does not wait for it. Asks seldom, and only while the page is seen. A page of a kept edition asks once, and
 * leads to the same page of the edition in use.
 */
const PAUSE_MS = 60_000;

const own = document.currentScript.dataset;
let timer = null;

async function look() {
  clearTimeout(timer);
  if (document.visibilityState !== "visible") return;
  try {
    const answer = await fetch(own.ask, { cache: "no-cache" });
    const told = answer.ok ? await answer.json() : null;
    if (told && told.latest !== own.edition) {
      say();
      return;
    }
  } catch {
    // No network just now: asked again later.
  }
  if (!own.root) timer = setTimeout(look, PAUSE_MS);
}

function say() {
  document.removeEventListener("visibilitychange", look);
  const note = document.createElement("p");
  note.className = "newer-edition";
  note.setAttribute("role", "status");
  note.append(`${own.text} `, own.root ? inUse() : again());
  document.body.append(note);
}

function again() {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = own.reload;
  button.addEventListener("click", () => location.reload());
  return button;
}

/** A link to the same page of the edition in use, as the address is when it is followed. */
function inUse() {
  const link = document.createElement("a");
  link.textContent = own.reload;
  const lead = () => {
    link.href = location.pathname.replace(own.root, own.current) + location.search + location.hash;
  };
  for (const event of ["focus", "pointerenter", "click"]) link.addEventListener(event, lead);
  lead();
  return link;
}

if (own.root) {
  if (document.visibilityState === "visible") look();
  else document.addEventListener("visibilitychange", look, { once: true });
} else {
  document.addEventListener("visibilitychange", look);
  timer = setTimeout(look, PAUSE_MS);
}
