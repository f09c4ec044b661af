/**
 * The page 读文 by keyboard: which finding is chosen, and single keys for what its forms do. Everything works without this
 * program too: a mark is a link to its record, and each decision a form of its own.
 */
const root = document.querySelector(".read-desk");
const marks = [...root.querySelectorAll(".reading-text [id^='f-']")];
const records = new Map([...root.querySelectorAll("[data-record]")].map((one) => [one.dataset.record, one]));
const said = root.querySelector(".reading-said");
const help = root.querySelector("dialog");
const single = help.querySelector("[name=keys]");
const SETTING = "planmap.reading.keys";
const order = marks.map((one) => one.dataset.item);
let chosen = root.querySelector("[data-record]:not([hidden])")?.dataset.record ?? "";

function choose(item, focus = true) {
  if (!records.has(item)) return;
  chosen = item;
  for (const [name, record] of records) record.hidden = name !== item;
  for (const mark of root.querySelectorAll("[data-item]")) {
    if (mark.dataset.item === item) mark.setAttribute("aria-current", "true");
    else mark.removeAttribute("aria-current");
  }
  for (const field of root.querySelectorAll("[data-form=undo] [name=item]")) field.value = item;
  said.textContent = records.get(item).dataset.say;
  const address = new URL(location.href);
  address.searchParams.set("item", item);
  address.searchParams.delete("done");
  history.replaceState(null, "", address);
  if (focus) look(item);
}

/** The mark is seen and has the focus. */
function look(item) {
  const mark = marks.find((one) => one.dataset.item === item);
  if (!mark) return;
  mark.focus({ preventScroll: true });
  const sheet = records.get(item).closest(".reading-record");
  const under = getComputedStyle(sheet).position === "fixed" ? sheet.getBoundingClientRect().height : 0;
  const box = mark.getBoundingClientRect();
  const room = innerHeight - under;
  if (box.top < 0 || box.bottom > room - 8) scrollBy({ top: box.top - room / 3, behavior: "instant" });
}

/** The next one in a direction, of those that wait if wanted; none beyond the ends. */
function step(by, waiting = false) {
  let at = order.indexOf(chosen) + by;
  while (waiting && order[at] !== undefined && records.get(order[at])?.dataset.open !== "1") at += by;
  if (order[at] !== undefined) choose(order[at]);
}

const form = (name) => records.get(chosen)?.querySelector(`[data-form=${name}]`);

/** The button of a form, as if it were pressed; once, however long the key is held. */
function press(found) {
  if (!found || found.dataset.sent) return;
  if (!found.reportValidity()) return;
  found.dataset.sent = "1";
  found.requestSubmit();
}

const KEYS = {
  j: () => step(1),
  k: () => step(-1),
  n: () => step(1, true),
  a: () => press(form("accept")),
  c: () => form("accept")?.querySelector("input:not([type=hidden]), select")?.focus(),
  m: () => form("merge")?.querySelector("[name=other]")?.focus(),
  r: () => press(form("refuse")),
  t: () => press(form("back")),
  u: () => press(root.querySelector("[data-form=undo]")),
  "?": () => help.showModal(),
};

document.addEventListener("keydown", (event) => {
  if (help.open || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  const typing = event.target.closest?.("input:not([type=checkbox]), select, textarea");
  if (event.key === "Escape" && event.target.closest?.(".reading-record")) {
    look(chosen);
  } else if (!typing && !event.repeat && KEYS[event.key] && (single.checked || event.key === "?")) {
    event.preventDefault();
    KEYS[event.key]();
  } else if (!typing && event.repeat && "jk".includes(event.key) && single.checked) {
    KEYS[event.key]();
  }
});

root.addEventListener("click", (event) => {
  const mark = event.target.closest("[data-item]");
  if (mark && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
    event.preventDefault();
    choose(mark.dataset.item);
  }
  if (event.target.closest("[data-act=help]")) help.showModal();
});

/** A form is sent once. */
root.addEventListener("submit", (event) => {
  if (event.target.method === "dialog") return;
  event.target.dataset.sent = "1";
  for (const button of event.target.elements) if (button.type === "submit") button.disabled = true;
});
// A page that is come back to has its buttons again.
addEventListener("pageshow", () => {
  for (const one of root.querySelectorAll("[data-sent]")) {
    delete one.dataset.sent;
    for (const button of one.elements) button.disabled = false;
  }
});

function kept(value) {
  try {
    if (value === undefined) return localStorage.getItem(SETTING);
    localStorage.setItem(SETTING, value);
  } catch {
    // Nothing may be kept here: the keys work as they do at first.
  }
  return null;
}

single.checked = kept() !== "off";
single.addEventListener("change", () => {
  kept(single.checked ? "on" : "off");
  if (!single.checked) said.textContent = root.dataset.keysOff;
});
root.querySelector("[data-act=help]").hidden = false;
if (records.has(chosen)) {
  choose(chosen, !root.querySelector("[role=alert]"));
}
