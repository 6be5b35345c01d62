// The page: who is speaking, where, and what is shown.

import { Stream, newId, post } from "./api.js";
import { card, firstChoice, restream, spoken } from "./cards.js";
import { announce, byId, hush } from "./dom.js";
import { Panel } from "./panel.js";
import { Side } from "./side.js";

const NEAR_END_PX = 120;
const nearEnd = () => scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < NEAR_END_PX;

const page = {
  me: "",
  place: "",
  isPublic: false,
  turnPrefix: document.body.dataset.turns,
  nameOf: (user) => side.nameOf(user),
  choose,
  reply: (item, text) => say(text, item.id),
  resend: send,
  discard,
};

let stream = null;
let ready = false;
let following = true; // the reader is at the end of the conversation
let busyTurn = "";
let thinking = false;
const shown = new Map(); // id -> {item, node} of the conversation on screen
const unsent = new Map(); // id -> item that the server has not taken, or has refused
const drafts = new Map(); // "user place" -> text in the composer

const composer = byId("composer");
const items = byId("items");
const scroll = byId("scroll");
const panel = new Panel(page);
const side = new Side(go);

// -- conversation ---------------------------------------------------------------------------------------------------

const key = () => `${page.me} ${page.place}`;
const here = (item) => item.user === page.me && item.place === page.place;

/** Show the conversation of one person in one place. */
function go(user, place) {
  drafts.set(key(), composer.value);
  stream?.close();
  Object.assign(page, { me: user, place, isPublic: place !== "dm" });
  hush();
  shown.clear();
  items.replaceChildren();
  Object.assign(composer, { value: drafts.get(key()) ?? "" });
  byId("empty-title").textContent = `Hello ${side.nameOf(user)}. What is on your mind?`;
  byId("elsewhere").hidden = true;
  ready = false;
  thinking = false;
  busyTurn = "";
  byId("empty").hidden = true;
  for (const item of unsent.values()) if (here(item)) put(item);
  grow();
  refresh();
  stream = new Stream(user, place, {
    item: receive,
    delta: extend,
    thinking: (event) => setThinking(event.active),
    elsewhere: (event) => elsewhere(event.place, event.latest),
    ready: settleDown,
    online: (is) => (byId("offline").hidden = is),
  });
}

function receive(item) {
  if (panel.take(item)) return;
  const before = shown.get(item.id)?.item;
  const refused = item.kind === "gone" && unsent.get(item.id);
  if (refused?.problem) put(refused);
  else if (item.kind === "gone") {
    hush();
    remove(item.id);
  } else put(item);
  if (item.person === page.me && item.kind !== "said") side.seen(page.me, page.place, item.order);
  const complete = ready && item.kind !== "gone" && (!before || before.state === "streaming");
  const text = complete ? spoken(item, page) : null;
  if (text) announce(text, item.kind === "crisis");
}

function extend(delta) {
  const entry = shown.get(delta.id);
  if (!entry || entry.item.text.length !== delta.at) return;
  entry.item.text += delta.text;
  keepEnd(() => restream(entry.node, entry.item.text));
}

function put(item) {
  let arrived = null;
  const atEnd = keepEnd(() => {
    const old = shown.get(item.id);
    const node = card(item, page);
    if (!old && ready) node.classList.add("fresh");
    const focused = old?.node.contains(document.activeElement);
    shown.set(item.id, { item, node });
    old?.node.remove();
    const next = [...items.children].find((other) => shown.get(other.dataset.id)?.item.order > item.order);
    items.insertBefore(node, next ?? null);
    if (ready && !old && item.kind !== "answer") arrived = node;
    if (focused) (node.querySelector(".choices button:enabled") ?? scroll).focus();
  });
  refresh();
  // What is taller than the window is read from its top.
  if (atEnd && arrived?.offsetHeight > scroll.clientHeight) arrived.scrollIntoView({ block: "start" });
}

function remove(id) {
  shown.get(id)?.node.remove();
  shown.delete(id);
  refresh();
}

function settleDown() {
  ready = true;
  refresh();
  scroll.scrollTop = scroll.scrollHeight;
  side.seen(page.me, page.place, Math.max(0, ...[...shown.values()].map(({ item }) => (item.local ? 0 : item.order))));
}

function setThinking(active) {
  thinking = active;
  keepEnd(refresh, false);
}

function elsewhere(place, latest) {
  if (!side.unread(page.me, place, latest) || place !== "dm") return;
  byId("elsewhere").firstElementChild.textContent = "There is a private message for you.";
  Object.assign(byId("elsewhere").lastElementChild, { textContent: "Open it", onclick: () => side.pick({ place }) });
  if (!ready) return;
  if (byId("elsewhere").hidden) announce("There is a private message for you in your direct messages.", true);
  byId("elsewhere").hidden = false;
}

function refresh() {
  const all = [...shown.values()].map(({ item }) => item);
  const streaming = all.find((item) => item.state === "streaming" && item.person === page.me);
  if (streaming) busyTurn = streaming.turn;
  byId("stop").hidden = !(thinking || streaming);
  byId("thinking").hidden = !thinking || Boolean(streaming);
  byId("empty").hidden = !ready || all.length > 0 || thinking;
  const asked = all.findLast((item) => item.state === "open" && item.person === page.me);
  const picks = asked?.choices.some((choice) => choice.kind === "value");
  const channel = page.isPublic ? `Message ${page.place}, as ${side.nameOf(page.me)}` : "Write a message";
  composer.placeholder = asked && !page.isPublic ? (picks ? "Or answer in your own words" : "Your answer") : channel;
}

/** Change what is shown and stay at the end if that is where the reader was; else say that there is `news` below. */
function keepEnd(change, news = true) {
  const atEnd = nearEnd();
  change();
  if (atEnd) scroll.scrollTop = scroll.scrollHeight;
  else if (ready && news) byId("to-end").hidden = false;
  return atEnd;
}

// -- sending --------------------------------------------------------------------------------------------------------

function say(text, replyTo = "") {
  const made = newId();
  const item = {
    id: `${page.me}.${made}`, made, turn: "", order: Infinity, person: page.me, kind: "said", text, state: "done",
    hidden: Boolean(replyTo), replyTo, local: true, problem: "", user: page.me, place: page.place,
  };
  unsent.set(item.id, item);
  put(item);
  scroll.scrollTop = scroll.scrollHeight;
  return send(item);
}

/** Sending again is safe: the server knows the id. */
async function send(item) {
  item.problem = "";
  if (here(item)) put(item);
  const body = { user: item.user, place: item.place, id: item.made, text: item.text };
  const sent = await post("messages", item.replyTo ? { ...body, reply_to: item.replyTo } : body);
  const local = here(item) && (shown.get(item.id)?.item.local ?? true);
  if (!sent.ok) {
    item.problem = sent.problem;
    if (local) put(item);
    return;
  }
  busyTurn = sent.data.turn;
  unsent.delete(item.id);
  // Known to the server but shown no more: it has been forgotten since.
  if (sent.data.duplicate && local) remove(item.id);
}

function discard(item) {
  unsent.delete(item.id);
  remove(item.id);
  rest();
}

async function choose(item, choice) {
  const entry = shown.get(item.id);
  for (const button of entry?.node.querySelectorAll("button") ?? []) button.disabled = item.kind === "question";
  rest();
  const body = { user: page.me, place: page.place, id: newId(), message: item.id, choice: choice.id };
  const sent = await post("choices", body);
  if (sent.ok) return;
  problem(sent.problem);
  if (entry) put(entry.item);
}

async function stop() {
  if (byId("stop").hidden) return;
  const body = { user: page.me, place: page.place, id: newId() };
  const sent = await post("stop", busyTurn ? { ...body, turn: busyTurn } : body);
  if (!sent.ok) problem(sent.problem);
}

function problem(text) {
  byId("composer-problem").textContent = text;
  byId("composer-problem").hidden = !text;
}

// -- keys and buttons -----------------------------------------------------------------------------------------------

function submit() {
  const text = composer.value.trim();
  const bytes = new TextEncoder().encode(JSON.stringify(text)).length;
  if (!text) return;
  if (bytes > document.body.dataset.limit - 1000) {
    problem(`That is too long to send at once (${Math.ceil(bytes / 1024)} kB of ${Math.floor(document.body.dataset.limit / 1024)} kB). Please shorten it.`);
    return;
  }
  composer.value = "";
  problem("");
  grow();
  say(text);
}

/** Where the focus goes when its button is gone; on a touch screen not to the box, which would open the keyboard. */
function rest() {
  (matchMedia("(hover: hover)").matches ? composer : scroll).focus();
}

function grow() {
  if (CSS.supports("field-sizing", "content")) return;
  composer.style.height = "auto";
  composer.style.height = `${composer.scrollHeight}px`;
}

composer.addEventListener("input", () => {
  problem("");
  grow();
});
composer.addEventListener("keydown", (event) => {
  if (event.isComposing) return;
  if (event.key === "Enter" && !event.shiftKey) {
    event.preventDefault();
    submit();
  } else if (event.key === "ArrowUp" && !composer.value && firstChoice()) {
    event.preventDefault();
    firstChoice().focus();
  }
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || panel.dialog.open || side.close()) return;
  if (document.activeElement !== composer && items.contains(document.activeElement)) composer.focus();
  stop();
});
byId("composer-form").addEventListener("submit", (event) => {
  event.preventDefault();
  submit();
});
byId("stop").onclick = () => {
  rest();
  stop();
};
byId("to-end").onclick = () => (scroll.scrollTop = scroll.scrollHeight);
byId("reconnect").onclick = () => stream.connect();
addEventListener("online", () => stream.connect());
scroll.addEventListener("scroll", () => {
  following = nearEnd();
  if (following) byId("to-end").hidden = true;
});
// Lines that appear below, and a growing box, take room from the conversation: its end stays in sight.
new ResizeObserver(() => following && (scroll.scrollTop = scroll.scrollHeight)).observe(scroll);
for (const button of document.querySelectorAll(".starters button")) {
  button.onclick = () => {
    rest();
    say(button.textContent);
  };
}

side.start();
