// One item of the conversation as an element.

import { byId, dialable, el, icon, webAddress } from "./dom.js";
import { render } from "./markdown.js";

/**
 * `page` is what an item needs to know and do: me, isPublic, nameOf(user), choose(item, choice),
 * reply(item, text), resend(item), discard(item).
 */
export function card(item, page) {
  const kinds = { said, question, answer, crisis, notice };
  const node = el("li", { className: `item ${item.kind} ${item.state}` });
  node.dataset.id = item.id;
  kinds[item.kind](node, item, page);
  return node;
}

/** More text of a streamed answer, without building the rest anew. */
export function restream(node, text) {
  node.querySelector(".prose").replaceChildren(...render(text));
}

/** What a screen reader is told about a finished item; null for nothing. */
export function spoken(item, page) {
  if (item.kind === "said") return item.person === page.me ? null : `${page.nameOf(item.person)} wrote: ${item.text}`;
  if (item.state === "streaming" || item.state === "closed") return null;
  const choices = (item.choices ?? []).map((choice) => choice.label).join(", ");
  const help = (item.resources ?? []).map((r) => [r.name, r.call, r.text, r.web].filter(Boolean).join(" ")).join("; ");
  return [item.title, item.text, help, choices && `Choices: ${choices}`].filter(Boolean).join(". ");
}

function said(node, item, page) {
  if (item.person !== page.me) node.classList.add("other");
  if (item.person !== page.me || item.hidden) node.append(who(item, page, page.nameOf(item.person)));
  node.append(el("div", { className: "bubble", dir: "auto", textContent: item.text }));
  if (item.local) node.classList.add(item.problem ? "failed" : "unsent");
  if (item.problem) {
    node.append(
      el(
        "p",
        { className: "failure", role: "alert" },
        `Not sent. ${item.problem} `,
        el("button", { type: "button", className: "link retry", textContent: "Try again", onclick: () => page.resend(item) }),
        " ",
        el("button", { type: "button", className: "link", textContent: "Remove", onclick: () => page.discard(item) }),
      ),
    );
  }
}

function question(node, item, page) {
  const mine = item.person === page.me;
  const box = el("div", { className: "card", role: "group", "aria-label": "A question for you" });
  box.append(
    item.hidden ? privately() : "",
    el("div", { className: "ask prose" }, render(item.text)),
  );
  if (mine) {
    addChoices(box, item, page);
    if (item.hidden && page.isPublic && item.state === "open") box.append(ownWords(item, page));
  }
  node.append(who(item, page), box);
}

function answer(node, item, page) {
  node.append(who(item, page), el("div", { className: "prose" }, render(item.text)));
  if (item.state === "broken") {
    node.append(el("p", { className: "broken", textContent: "This answer stopped before it was complete." }));
  }
  if (item.state === "done" && item.person === page.me) node.append(foot(item));
}

function foot(item) {
  const used = item.labels.length ? item.labels : item.used;
  const line = el("p", { className: "foot" });
  if (used.length) line.append("Used: ", ...used.map((label) => el("span", { className: "chip", textContent: label })));
  else line.append("Used: nothing about you");
  return line;
}

function crisis(node, item, page) {
  const box = el("div", { className: "card" });
  box.append(
    item.hidden ? privately() : "",
    el("h3", {}, icon("help"), "Help you can reach right now"),
    el("div", { className: "prose" }, render(item.text)),
    el("ul", { className: "help" }, item.resources.map(resource)),
  );
  node.append(who(item, page), box);
}

function resource(help) {
  const call = dialable(help.call);
  const text = dialable(help.text);
  const web = webAddress(help.web ?? "");
  return el(
    "li",
    {},
    el("strong", { dir: "auto", textContent: help.name }),
    el("p", { className: "meta", dir: "auto", textContent: [countryName(help.country), help.hours].filter(Boolean).join(" · ") }),
    el(
      "p",
      { className: "reach" },
      call && el("a", { href: `tel:${call}`, textContent: `Call ${help.call}` }),
      text && el("a", { href: `sms:${text}`, textContent: `Text ${help.text}` }),
      web && el("a", { href: web, target: "_blank", rel: "noopener noreferrer", textContent: "Open website" }),
    ),
  );
}

// Two letters become the country's name in the reader's language; anything else stays as it is.
function countryName(country) {
  return /^[A-Z]{2}$/.test(country) ? new Intl.DisplayNames(navigator.language, { type: "region" }).of(country) : country;
}

function notice(node, item, page) {
  const box = el("div", { className: "card" }, item.hidden ? privately() : "");
  if (item.title) box.append(el("h3", { dir: "auto", textContent: item.title }));
  box.append(el("div", { className: "prose" }, render(item.text)));
  addChoices(box, item, page);
  if (item.attachment) box.append(saver(item.attachment));
  node.append(page.inPanel ? "" : who(item, page), box);
}

function who(item, page, name = "") {
  const line = el("p", { className: "who" });
  if (item.kind === "said") {
    line.append(item.hidden ? icon("lock") : "", el("strong", { dir: "auto", textContent: name }));
    if (item.hidden) line.append("only you can see this");
    return line;
  }
  line.append(el("strong", { textContent: "raise-bot" }));
  if (page.isPublic) line.append(`to ${item.person === page.me ? "you" : page.nameOf(item.person)}`);
  return line;
}

function addChoices(box, item, page) {
  const main = item.choices.filter((choice) => choice.kind === "value" || choice.kind === "action");
  const others = item.choices.filter((choice) => !main.includes(choice));
  if (main.length) box.append(el("div", { className: "choices" }, main.map((choice, at) => button(item, choice, page, at + 1))));
  if (others.length) box.append(el("div", { className: "aside" }, others.map((choice) => aside(item, choice, page, box))));
  byArrows(box);
}

function privately() {
  return el("p", { className: "tag" }, icon("lock"), "Only you can see this");
}

function button(item, choice, page, number) {
  const node = el("button", { type: "button", onclick: () => page.choose(item, choice) });
  node.dataset.choice = choice.id;
  if (number <= 9) node.append(el("kbd", { "aria-hidden": "true", textContent: number }));
  node.append(el("span", { dir: "auto", textContent: choice.label }));
  return settle(node, item, choice);
}

function aside(item, choice, page, box) {
  const node = el("button", { type: "button", textContent: choice.label });
  node.dataset.choice = choice.id;
  if (choice.kind === "why" && item.reason) {
    // The reason came with the question: showing it needs no message, so the question stays open.
    node.setAttribute("aria-expanded", "false");
    node.onclick = () => explain(node, item, box);
    return node;
  }
  node.onclick = () => page.choose(item, choice);
  return settle(node, item, choice);
}

function settle(node, item, choice) {
  if (item.state === "closed") node.disabled = true;
  if (item.chosen === choice.id) {
    node.classList.add("chosen");
    node.setAttribute("aria-pressed", "true");
  }
  return node;
}

function explain(node, item, box) {
  const shown = box.querySelector(".reason");
  node.setAttribute("aria-expanded", String(!shown));
  if (shown) shown.remove();
  else box.querySelector(".aside").after(el("p", { className: "reason", dir: "auto", role: "status", textContent: item.reason }));
}

function ownWords(item, page) {
  const input = el("input", { dir: "auto", autocomplete: "off", placeholder: "Or in your own words", "aria-label": "Your answer, only you can see it" });
  const form = el("form", { className: "own-words" }, input, el("button", { type: "submit", textContent: "Answer" }));
  form.onsubmit = (event) => {
    event.preventDefault();
    if (input.value.trim()) page.reply(item, input.value);
  };
  return form;
}

function byArrows(box) {
  box.addEventListener("keydown", (event) => {
    if (event.target.tagName !== "BUTTON" || event.ctrlKey || event.metaKey || event.altKey) return;
    const all = [...box.querySelectorAll(".choices button:enabled, .aside button:enabled")];
    const at = all.indexOf(event.target);
    const moves = { ArrowRight: at + 1, ArrowDown: at + 1, ArrowLeft: at - 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 };
    const pressed = /^[1-9]$/.test(event.key) ? box.querySelectorAll(".choices button:enabled")[event.key - 1] : null;
    if (pressed) pressed.click();
    else if (event.key in moves) all.at(moves[event.key] % all.length).focus();
    else return;
    event.preventDefault();
  });
}

function saver(file) {
  const save = () => {
    const bytes = Uint8Array.from(atob(file.base64), (sign) => sign.charCodeAt(0));
    const href = URL.createObjectURL(new Blob([bytes], { type: file.media_type }));
    el("a", { href, download: file.name }).click();
    setTimeout(() => URL.revokeObjectURL(href), 10_000);
  };
  return el("button", { type: "button", className: "save", onclick: save }, icon("file"), `Save ${file.name}`);
}

/** The first choice of the last question that waits for an answer. */
export function firstChoice() {
  const open = byId("items").querySelectorAll(".question.open .card");
  return open[open.length - 1]?.querySelector(".choices button:enabled, .aside button:enabled") ?? null;
}
