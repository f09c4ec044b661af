/** Asking the server: JSON, or what was wrong as `Trouble` with every fault. */

const PAUSE_MS = 600;
const TRIES = 4;

export class Trouble extends Error {
  constructor(faults, status) {
    super(faults.map((fault) => fault.text).join(" "));
    this.faults = faults;
    this.status = status;
  }
}

export const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

export class Server {
  constructor(given) {
    this.given = given;
  }

  address(path) {
    return `${this.given.root}/admin/${path}${this.given.query}`;
  }

  /** Of this scan: `state`, `fit` … */
  own(path) {
    return this.address(`scan/${encodeURIComponent(this.given.scan)}/${path}`);
  }

  get(path, query = {}) {
    const address = new URL(this.own(path), location.href);
    Object.entries(query).forEach(([name, value]) => address.searchParams.set(name, value));
    return this.ask(address, {});
  }

  post(path, said, signal) {
    const body = new URLSearchParams({ mark: this.given.mark, said: JSON.stringify(said) });
    return this.ask(this.own(path), { method: "POST", body, signal });
  }

  async ask(address, options) {
    for (let left = TRIES; ; left -= 1) {
      const answer = await this.fetched(address, options);
      if (answer.status === 503 && left > 0) {
        await pause(PAUSE_MS);
        continue;
      }
      const json = (answer.headers.get("Content-Type") || "").startsWith("application/json");
      if (!json) throw new Trouble([{ where: "", text: this.given.words.gone, remedy: "" }], answer.status);
      const told = await answer.json();
      if (!answer.ok) throw new Trouble(told.trouble || [], answer.status);
      return told;
    }
  }

  async fetched(address, options) {
    try {
      return await fetch(address, { cache: "no-store", redirect: "manual", headers: { Accept: "application/json" }, ...options });
    } catch (error) {
      if (error.name === "AbortError") throw error;
      throw new Trouble([{ where: "", text: this.given.words.gone, remedy: "" }], 0);
    }
  }

  /** Wait for a piece of work; `told(state)` hears how far it is. */
  async work(job, told) {
    for (;;) {
      const state = await this.ask(this.address(`scans/work/${job}/state`), {});
      told(state);
      if (state.trouble.length) throw new Trouble(state.trouble, 200);
      if (state.done) return state;
      await pause(PAUSE_MS);
    }
  }
}
