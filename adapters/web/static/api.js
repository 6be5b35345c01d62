// Talking to the server: requests that may be repeated, and the stream of events.

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 8000;

/** An id that makes a request safe to send again. */
export function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** POST JSON. Resolves to {ok: true, data} or {ok: false, problem}: it never rejects. */
export async function post(path, body) {
  try {
    const answer = await fetch(`/api/${path}`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ locale: navigator.language || "und", ...body }),
    });
    const data = await answer.json();
    return answer.ok ? { ok: true, data } : { ok: false, problem: data.error.message };
  } catch {
    return { ok: false, problem: "The server cannot be reached." };
  }
}

/** The events of one person in one place; reconnects by itself from the last one seen. */
export class Stream {
  #source = null;
  #timer = 0;
  #pause = FIRST_PAUSE_MS;
  #after = 0;

  constructor(user, place, handlers) {
    this.user = user;
    this.place = place;
    this.handlers = handlers;
    this.connect();
  }

  connect() {
    this.#drop();
    const query = new URLSearchParams({ user: this.user, place: this.place, after: this.#after });
    const source = new EventSource(`/api/events?${query}`);
    this.#source = source;
    for (const name of ["item", "delta", "thinking", "elsewhere", "ready"]) {
      source.addEventListener(name, (event) => this.#receive(name, event));
    }
    source.onerror = () => this.#lost();
  }

  close() {
    this.#drop();
  }

  #receive(name, event) {
    if (event.lastEventId) this.#after = Number(event.lastEventId);
    if (name === "ready") {
      this.#pause = FIRST_PAUSE_MS;
      this.handlers.online(true);
    }
    this.handlers[name](JSON.parse(event.data));
  }

  #lost() {
    this.#drop();
    this.handlers.online(false);
    this.#timer = setTimeout(() => this.connect(), this.#pause);
    this.#pause = Math.min(this.#pause * 2, LONGEST_PAUSE_MS);
  }

  #drop() {
    clearTimeout(this.#timer);
    this.#source?.close();
    this.#source = null;
  }
}
