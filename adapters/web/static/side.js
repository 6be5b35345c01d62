// Who one is and where: the list of people and places, kept in the address (#alex/dm), so that two windows can differ.

import { byId, el } from "./dom.js";

const FACES = 6;
const PEOPLE = "raise-bot people";
const SEEN = "raise-bot seen";

const isName = (name) => typeof name === "string" && idOf(name) !== "";
const idOf = (name) => name.normalize("NFC").toLowerCase().trim().replace(/[\s:/#]+/gu, "-").slice(0, 40);

export class Side {
  #go;
  #people = new Map(); // id -> name
  #seen = new Map(read("sessionStorage", SEEN, Array.isArray)); // "user place" -> order of the last thing read there
  #me = "";
  #place = "dm";

  constructor(go) {
    this.#go = go;
    for (const button of byId("people").querySelectorAll("button")) this.#people.set(idOf(button.dataset.name), button.dataset.name);
    for (const name of read("localStorage", PEOPLE, isName)) this.#people.set(idOf(name), name);
    for (const button of byId("places").querySelectorAll("button")) button.onclick = () => this.pick({ place: button.dataset.place });
    byId("add-person").onsubmit = (event) => this.#add(event);
    byId("side-open").onclick = () => this.#open();
    byId("side-close").onclick = () => this.close();
    byId("side").addEventListener("focusout", (event) => event.relatedTarget && !byId("side").contains(event.relatedTarget) && this.close());
    addEventListener("hashchange", () => this.#read());
  }

  start() {
    this.#read();
  }

  nameOf(user) {
    return this.#people.get(user) ?? user;
  }

  pick({ user = this.#me, place = this.#place }) {
    this.close();
    location.hash = address(user, place);
  }

  /** Everything up to `order` has been read. */
  seen(user, place, order) {
    const key = `${user} ${place}`;
    this.#seen.set(key, Math.max(order, this.#seen.get(key) ?? 0));
    write("sessionStorage", SEEN, [...this.#seen]);
  }

  /** Mark a place as holding something unread; false when it was read before. */
  unread(user, place, latest) {
    if (latest <= (this.#seen.get(`${user} ${place}`) ?? 0)) return false;
    this.#badge(place, true);
    return true;
  }

  /** Close the overlay of a narrow window; false when it was not open. */
  close() {
    if (!byId("side").classList.contains("open")) return false;
    byId("side").classList.remove("open");
    byId("side-open").setAttribute("aria-expanded", "false");
    byId("side-open").focus();
    return true;
  }

  #open() {
    byId("side").classList.add("open");
    byId("side-open").setAttribute("aria-expanded", "true");
    byId("side").querySelector('[aria-current="true"]')?.focus();
  }

  #add(event) {
    event.preventDefault();
    const input = byId("add-name");
    const user = idOf(input.value);
    if (!user) return;
    if (!this.#people.has(user)) {
      this.#people.set(user, input.value.trim());
      write("localStorage", PEOPLE, [...read("localStorage", PEOPLE, isName), input.value.trim()].slice(-20));
    }
    input.value = "";
    this.pick({ user });
  }

  #read() {
    const [user, place] = location.hash.slice(1).split("/").map(readable);
    const places = [...byId("places").querySelectorAll("button")].map((button) => button.dataset.place);
    const first = this.#people.keys().next().value;
    if (user && !this.#people.has(idOf(user))) this.#people.set(idOf(user), user);
    this.#me = user ? idOf(user) : first;
    this.#place = places.includes(place) ? place : "dm";
    for (const name of places) this.#badge(name, false);
    this.#draw();
    this.#go(this.#me, this.#place);
  }

  #draw() {
    const faces = [...this.#people].map(([id, name], at) => {
      const face = el("span", { className: `face f${at % FACES}`, "aria-hidden": "true", textContent: [...name][0].toUpperCase() });
      const pick = el("button", { type: "button", "aria-current": String(id === this.#me), onclick: () => this.pick({ user: id }) });
      pick.append(face, el("span", { className: "pick-label", dir: "auto", textContent: name }));
      pick.dataset.user = id;
      return el("li", {}, pick);
    });
    byId("people").replaceChildren(...faces);
    for (const button of byId("places").querySelectorAll("button")) {
      button.setAttribute("aria-current", String(button.dataset.place === this.#place));
    }
    const direct = this.#place === "dm";
    const name = this.nameOf(this.#me);
    byId("title").replaceChildren(direct ? name : this.#place, wide(direct ? " and raise-bot" : ""));
    byId("subtitle").replaceChildren(
      direct ? "Direct message" : "Public",
      wide(direct ? ": nobody else sees this" : ": everybody here sees this"),
      direct ? "" : ` · you are ${name}`,
    );
  }

  #badge(place, on) {
    const button = byId("places").querySelector(`[data-place="${CSS.escape(place)}"]`);
    button.querySelector(".badge").hidden = !on;
    byId("side-dot").hidden = !byId("places").querySelector(".badge:not([hidden])");
  }
}

/** Words that a narrow window leaves out. */
function wide(text) {
  return el("span", { className: "wide-only", textContent: text });
}

function readable(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part; // a stray % typed into the address
  }
}

function address(user, place) {
  return `#${encodeURIComponent(user)}/${encodeURIComponent(place)}`;
}

// What a browser keeps is a convenience: where it keeps nothing, people added and places read last as long as the page.
function read(storage, name, fits) {
  try {
    return JSON.parse(window[storage].getItem(name) ?? "[]").filter(fits);
  } catch {
    return [];
  }
}

function write(storage, name, list) {
  try {
    window[storage].setItem(name, JSON.stringify(list));
  } catch {
    // Full, or switched off: see above.
  }
}
