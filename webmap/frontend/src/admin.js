/** The page of an import while it is worked at: asks how far it is, and shows the page anew when there is something to see. */
const PAUSE_MS = 700;

const own = document.currentScript.dataset;
let seen = "";

async function look() {
  try {
    const answer = await fetch(own.ask, { cache: "no-store", headers: { Accept: "application/json" } });
    if (!answer.ok) {
      location.reload();
      return;
    }
    const told = await answer.json();
    const here = JSON.stringify([told.phase, told.working]);
    if (!told.working || (seen && here !== seen)) {
      location.reload();
      return;
    }
    seen = here;
    show(told);
  } catch {
    // No network just now: asked again.
  }
  setTimeout(look, PAUSE_MS);
}

function show(told) {
  const bar = document.querySelector(".admin-work progress");
  if (bar && told.step !== null) bar.value = told.step;
}

setTimeout(look, PAUSE_MS);
