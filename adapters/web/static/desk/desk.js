// What the pages of the desk share: sending forms without leaving the page, fresh parts, keys, words.

import { byId, el } from "../dom.js";
import { page, send, signedOut, signIn } from "./net.js";

/** Say that something has been done, or what went wrong. */
export function say(text) {
  byId("trouble").replaceChildren();
  byId("said").replaceChildren(...(text ? [el("p", { className: "line good", textContent: text })] : []));
}

export function complain(text) {
  byId("said").replaceChildren();
  byId("trouble").replaceChildren(...(text ? [el("p", { className: "line problem", textContent: text })] : []));
}

/** Whether somebody is writing here: such a part is never replaced. */
export function inUse(part) {
  const typed = [...part.querySelectorAll("textarea, input:not([type=hidden]):not([type=radio]):not([type=checkbox])")];
  const chosen = [...part.querySelectorAll("input[type=radio], input[type=checkbox]")];
  return typed.some((field) => field.value !== field.defaultValue) || chosen.some((box) => box.checked !== box.defaultChecked);
}

/** Bring the parts of a container up to date, each found by its name. `keep(old, made)` may hold on to an old one. */
export function reconcile(container, fresh, keep) {
  const old = new Map([...container.children].map((part) => [part.dataset.part, part]));
  let next = container.firstElementChild;
  const drop = () => {
    const gone = next;
    next = gone.nextElementSibling;
    if (!inUse(gone)) gone.remove();
  };
  for (const made of [...fresh.children]) {
    const same = old.get(made.dataset.part);
    if (!same) {
      container.insertBefore(document.adoptNode(made), next);
      continue;
    }
    while (next && next !== same) drop();
    next = same.nextElementSibling;
    if (!keep(same, made)) refocused(same, made);
  }
  while (next) drop();
}

/** Replace a part; the focus stays where it was, or goes to the part's title when what had it is gone. */
export function refocused(old, made) {
  const active = old.contains(document.activeElement) ? document.activeElement : null;
  const open = [...old.querySelectorAll("details")].map((details) => details.open);
  old.replaceWith(document.adoptNode(made));
  [...made.querySelectorAll("details")].forEach((details, index) => (details.open = open[index] ?? false));
  if (!active) return;
  const again = active.id ? byId(active.id) : made.querySelector(`form[action="${active.form?.getAttribute("action")}"] [type=submit]`);
  const title = made.querySelector("h1, h2");
  if (!again && title) title.tabIndex = -1;
  (again ?? title)?.focus({ preventScroll: true });
}

/** This page as it is now; null when the server cannot be reached. */
export async function fresh(url = location.pathname + location.search) {
  const answer = await page(url);
  if (!signedOut(answer)) return answer.doc;
  return (await signIn()) ? fresh(url) : null;
}

/** Sends every form of the page but those marked plain. `done(answer, form)` says what follows. */
export function takeForms(done, before = () => true) {
  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (form.method !== "post" || "plain" in form.dataset) return;
    event.preventDefault();
    if (form.dataset.busy || !before(form, event.submitter)) return;
    form.dataset.busy = "yes";
    const answer = await send(form, event.submitter);
    delete form.dataset.busy;
    if (answer) done(answer, form);
  });
}

/** Single keys, off while somebody types, in dialogs, and for those who switched them off. */
export function takeKeys(keys) {
  const on = byId("keys-on");
  on.checked = localStorage.getItem("desk-keys") !== "off";
  on.onchange = () => localStorage.setItem("desk-keys", on.checked ? "on" : "off");
  for (const button of document.querySelectorAll("[data-close]")) button.onclick = () => button.closest("dialog").close();
  document.querySelector("[data-help]").onclick = () => byId("help").showModal();
  document.addEventListener("keydown", (event) => {
    const writing = event.target.closest("input, textarea, select, [contenteditable]");
    if (writing || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    if (!on.checked) return;
    const act = event.key === "?" ? () => byId("help").showModal() : keys[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });
}

/** Run `task` soon, once, however often it is asked for; never twice at the same time. */
export function soon(task, delay = 120) {
  let timer = 0;
  let running = false;
  const run = async () => {
    timer = 0;
    if (running) return ask();
    running = true;
    await task();
    running = false;
  };
  const ask = () => (timer ||= setTimeout(run, delay));
  return ask;
}
