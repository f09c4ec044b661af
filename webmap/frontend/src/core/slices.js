/** Long work in short tasks, so that the page answers and draws in between. */

/** Milliseconds after which a task makes room for others; on a processor four times as slow still well under 50. */
const SLICE_MS = 8;
/** How long a frame is waited for: a page that is not in sight gets none. */
const FRAME_MS = 250;

const waiting = [];
let channel = null;

/** Resolves in a task of its own; unlike a timer's it comes at once, also where nobody looks. */
export function nextTask() {
  if (!channel) {
    channel = new MessageChannel();
    channel.port1.onmessage = () => waiting.shift()();
    // Node would wait for messages for ever.
    channel.port1.unref?.();
  }
  channel.port1.ref?.();
  return new Promise((done) => {
    waiting.push(() => {
      if (!waiting.length) channel.port1.unref?.();
      done();
    });
    channel.port2.postMessage(null);
  });
}

/** Resolves when the page has been drawn as it is now. */
export async function nextFrame() {
  await new Promise((done) => {
    if (document.visibilityState === "hidden") done();
    else {
      requestAnimationFrame(done);
      setTimeout(done, FRAME_MS);
    }
  });
  await nextTask();
}

/**
 * Run a generator, whose every `yield` is a place to pause, to its end; what it returns is thrown away. Resolves to
 * true at its end and to false when `stale()` has become true before. What each task has put into the page is laid out in
 * the next by `layOut`, where given: else all of it would be in one.
 */
export async function inSlices(work, { stale = () => false, milliseconds = SLICE_MS, layOut = null } = {}) {
  let end = performance.now() + milliseconds;
  while (!work.next().done) {
    if (performance.now() < end) continue;
    await nextTask();
    if (layOut) {
      layOut();
      await nextTask();
    }
    if (stale()) return false;
    end = performance.now() + milliseconds;
  }
  return true;
}
