/**
 * While an input method composes, its keys are its own: Enter takes a word, Escape drops it, arrows choose among
 * candidates. No part of the page hears of them, whichever field they are typed into.
 */
export function installComposing(target = window) {
  for (const type of ["keydown", "keyup", "keypress"]) {
    target.addEventListener(type, (event) => isComposing(event) && leave(event), true);
  }
}

function leave(event) {
  event.stopImmediatePropagation();
  // A search field would empty itself.
  if (event.key === "Escape") event.preventDefault();
}

/** 229 is what browsers say that do not tell, and WebKit for the Enter that ends a composition. */
export function isComposing(event) {
  return event.isComposing || event.keyCode === 229;
}
