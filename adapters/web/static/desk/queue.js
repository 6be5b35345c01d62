// The queue: fresh rows as they come, filters at once, keys.

import { byId } from "../dom.js";
import { complain, fresh, say, soon, takeForms, takeKeys } from "./desk.js";
import { follow } from "./live.js";

const REFRESH_MS = 60_000; // times such as "Due in 5 min" move on

const links = () => [...document.querySelectorAll(".case-link")];
const here = () => document.activeElement?.closest("[data-case]");

const refresh = soon(async () => {
  const made = (await fresh())?.querySelector("[data-part=rows]");
  const old = document.querySelector("[data-part=rows]");
  if (!made) return;
  const focused = here()?.dataset.case;
  const onButton = document.activeElement?.matches(".case-claim button");
  old.replaceWith(document.adoptNode(made));
  if (!focused) return;
  const row = made.querySelector(`[data-case="${CSS.escape(focused)}"]`);
  (onButton && row?.querySelector(".case-claim button") || row?.querySelector(".case-link") || links()[0] || byId("main")).focus();
});

function move(step) {
  const all = links();
  const at = all.findIndex((link) => here()?.contains(link));
  const next = all[at < 0 ? 0 : Math.min(Math.max(at + step, 0), all.length - 1)];
  next?.focus();
  next?.scrollIntoView({ block: "nearest" });
}

takeForms((answer) => {
  if (!answer.ok) {
    complain(answer.problem);
    refresh();
  } else if (answer.data.next === "/desk") say(answer.data.said);
  else location.assign(answer.data.next);
});

takeKeys({
  j: () => move(1),
  k: () => move(-1),
  c: () => here()?.querySelector(".case-claim")?.requestSubmit(),
  n: () => byId("next").requestSubmit(),
});

document.querySelector(".filters").onchange = (event) => event.currentTarget.requestSubmit();
follow("", refresh);
setInterval(refresh, REFRESH_MS);
