// "What I know about you": a dialog that sends commands and shows their answers.

import { newId, post } from "./api.js";
import { card } from "./cards.js";
import { byId, el } from "./dom.js";

export class Panel {
  #turns = new Set();
  #latest = "";
  #page;

  constructor(page) {
    this.#page = page;
    this.dialog = byId("privacy");
    byId("privacy-open").onclick = () => this.open();
    byId("privacy-close").onclick = () => this.dialog.close();
    for (const button of byId("privacy-actions").children) button.onclick = () => this.#ask(button.dataset.verb);
  }

  open() {
    this.dialog.showModal();
    this.#ask("privacy");
  }

  /** True when the item answers a command of this panel and was shown here. */
  take(item) {
    if (item.kind !== "notice" || !this.#turns.has(item.turn)) return false;
    const result = byId("privacy-result");
    const shown = result.querySelector(`[data-id="${CSS.escape(item.id)}"]`);
    if (!shown && item.turn !== this.#latest) return true; // an earlier answer, which has made room
    const made = card(item, { ...this.#page, inPanel: true, choose: (from, choice) => this.#choose(from, choice) });
    if (shown) shown.replaceWith(made);
    else {
      result.querySelector(".waiting")?.remove();
      result.append(el("ul", {}, made));
    }
    return true;
  }

  async #ask(verb) {
    await this.#send("commands", { verb });
  }

  async #choose(item, choice) {
    await this.#send("choices", { message: item.id, choice: choice.id });
  }

  async #send(path, body) {
    const { me, place } = this.#page;
    const id = newId();
    // How the server will name this turn, so that its answer is recognised even if it comes first.
    this.#latest = `${this.#page.turnPrefix}${me}.${id}`;
    this.#turns.add(this.#latest);
    byId("privacy-result").replaceChildren(el("p", { className: "waiting", textContent: "One moment…" }));
    byId("privacy-result").focus();
    const sent = await post(path, { user: me, place, id, ...body });
    if (!sent.ok) byId("privacy-result").replaceChildren(el("p", { className: "failure", textContent: sent.problem }));
  }
}
