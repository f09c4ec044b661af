/**
 * Says on an open page that a newer edition is there. A program of its own: pages for reading have no other, and the map's
 * first second does not wait for it. Asks seldom, and only while the page is seen.
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
  timer = setTimeout(look, PAUSE_MS);
}

function say() {
  document.removeEventListener("visibilitychange", look);
  const note = document.createElement("p");
  note.className = "newer-edition";
  note.setAttribute("role", "status");
  const again = document.createElement("button");
  again.type = "button";
  again.textContent = own.reload;
  again.addEventListener("click", () => location.reload());
  note.append(`${own.text} `, again);
  document.body.append(note);
}

document.addEventListener("visibilitychange", look);
timer = setTimeout(look, PAUSE_MS);
