// A case: covered lines, the claim's clock, decisions with a preview, fresh parts as colleagues and the person go on.

import { byId } from "../dom.js";
import { complain, fresh, inUse, reconcile, refocused, say, soon, takeForms, takeKeys } from "./desk.js";
import { follow } from "./live.js";
import { fields, page, signedOut, signIn } from "./net.js";

const LISTEN_MS = 4000; // how often a conversation that was taken over is looked at for what the person wrote
const WARN_S = 60;
const part = (name, doc = document) => doc.querySelector(`[data-part="${name}"]`);

// -- covered lines ---------------------------------------------------------------------------------------------------

const covers = () => [...document.querySelectorAll(".cover")];

function cover(button, covered) {
  const text = byId(button.getAttribute("aria-controls"));
  text.inert = covered;
  text.classList.toggle("covered", covered);
  button.setAttribute("aria-expanded", String(!covered));
  const number = button.getAttribute("aria-controls").split("-")[1];
  button.textContent = covered ? `Read line ${number}` : `Cover line ${number}`;
  button.classList.toggle("small-cover", !covered);
}

const isCovered = (button) => button.getAttribute("aria-expanded") !== "true";

function coverAll(covered) {
  for (const button of covers()) cover(button, covered);
  sign();
}

function sign() {
  const toggle = byId("uncover");
  if (!toggle) return;
  const all = covers().length > 0 && covers().every((button) => !isCovered(button));
  toggle.hidden = false;
  toggle.textContent = all ? "Cover all" : "Uncover all";
  toggle.setAttribute("aria-pressed", String(all));
}

const toggleAll = () => coverAll(byId("uncover")?.getAttribute("aria-pressed") === "true");

document.addEventListener("click", (event) => {
  const button = event.target.closest(".cover");
  if (button) {
    cover(button, !isCovered(button));
    sign();
  } else if (event.target.closest("#uncover")) toggleAll();
  else if (event.target.closest("#newer")) {
    part("lines").dataset.version = "";
    delete part("lines").dataset.revealed;
    refresh();
  }
});
addEventListener("locked", () => coverAll(true));

// -- fresh parts -------------------------------------------------------------------------------------------------------

function keepLines(old, made) {
  if (old.dataset.version === made.dataset.version) return true;
  if (inUse(old) || "revealed" in old.dataset) {
    old.querySelector(".newer").hidden = false;
    return true;
  }
  putLines(old, made);
  return true;
}

/** New lines come covered; those that were uncovered stay so. */
function putLines(old, made) {
  const read = new Set(covers().filter((button) => !isCovered(button)).map((button) => byId(button.getAttribute("aria-controls")).textContent));
  refocused(old, made);
  for (const button of covers()) {
    if (read.has(byId(button.getAttribute("aria-controls")).textContent)) cover(button, false);
  }
  sign();
}

function keep(old, made) {
  if (old.dataset.part === "lines") return keepLines(old, made);
  if (!inUse(old)) return false;
  const renewed = made.querySelectorAll("[data-fresh]");
  old.querySelectorAll("[data-fresh]").forEach((place, index) => refocused(place, renewed[index]));
  return true;
}

function put(doc) {
  if (doc?.body.dataset.page !== "case") return;
  document.body.dataset.held = doc.body.dataset.held;
  refocused(part("head"), part("head", doc));
  const columns = document.querySelectorAll(".column");
  doc.querySelectorAll(".column").forEach((column, index) => reconcile(columns[index], column, keep));
  watchClaim();
}

const refresh = soon(async () => put(await fresh(`/desk/cases/${document.body.dataset.case}`)));

// -- the claim's clock -------------------------------------------------------------------------------------------------

let clock = 0;
function watchClaim() {
  clearInterval(clock);
  const timer = byId("timer");
  if (!timer) return;
  const ends = performance.now() + Number(timer.dataset.left) * 1000;
  let warned = false;
  const tick = () => {
    const left = Math.max(0, Math.round((ends - performance.now()) / 1000));
    timer.textContent = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
    timer.classList.toggle("overdue", left <= WARN_S);
    if (left <= WARN_S && left > 0 && !warned) {
      warned = true;
      complain("Your claim runs out in a minute. Extend it if you need more time.");
    }
    if (left === 0) {
      clearInterval(clock);
      refresh();
    }
  };
  tick();
  clock = setInterval(tick, 1000);
}

// -- forms -------------------------------------------------------------------------------------------------------------

let previewed = false;
function before(form) {
  if (form.id === "reveal") {
    reveal(form);
    return false;
  }
  const contact = form.id === "decide" && form.elements.ruling.value === "contact";
  if (!contact || previewed) return true;
  const text = form.elements.text.value;
  if (!text.trim()) {
    complain("Write the message first.");
    form.elements.text.focus();
    return false;
  }
  byId("preview-text").textContent = text;
  byId("preview").showModal();
  byId("preview-send").onclick = () => {
    byId("preview").close();
    previewed = true;
    form.requestSubmit();
    previewed = false;
  };
  return false;
}

/** Identifiers come as the answer to the form: they have no address of their own. */
async function reveal(form) {
  const answer = await page(form.getAttribute("action"), { body: fields(form), auto: false });
  if (signedOut(answer)) return (await signIn()) ? reveal(form) : null;
  const made = answer.doc && part("lines", answer.doc);
  if (!made) return complain(answer.doc?.querySelector("main section p")?.textContent ?? "That did not work. Try again.");
  putLines(part("lines"), made);
  part("lines").querySelector("h2").scrollIntoView({ block: "nearest" });
  say("Identifiers are shown. That you looked is recorded.");
  return refresh();
}

takeForms((answer, form) => {
  if (answer.ok) {
    form.reset();
    say(answer.data.said);
  } else complain(answer.problem);
  refresh();
}, before);

takeKeys({
  c: () => (byId("claim") ?? byId("extend"))?.requestSubmit(),
  b: toggleAll,
  d: () => byId("decide")?.querySelector("input[type=radio]").focus(),
  n: () => byId("note")?.focus(),
  u: () => byId("back").click(),
});

sign();
watchClaim();
follow(document.body.dataset.case, refresh);
setInterval(() => document.body.dataset.held === "yes" && !document.hidden && refresh(), LISTEN_MS);
