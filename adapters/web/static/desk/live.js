// Being told that something has changed; reconnects by itself.

import { renew, signIn } from "./net.js";

const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 15000;

/** Calls `changed` whenever there may be something new for this page. */
export function follow(caseId, changed) {
  let after = document.body.dataset.head;
  let pause = FIRST_PAUSE_MS;
  let source = null;

  const sign = (online) => {
    for (const node of document.querySelectorAll("[data-live]")) {
      node.hidden = false;
      node.textContent = online ? "Live" : "Connecting…";
      node.classList.toggle("lost", !online);
    }
  };

  async function back() {
    source?.close();
    if ((await renew()) || (await signIn())) {
      connect();
      changed();
    }
  }

  function connect() {
    source?.close();
    source = new EventSource(`/desk/events?${new URLSearchParams({ after, case: caseId })}`);
    source.onopen = () => {
      pause = FIRST_PAUSE_MS;
      sign(true);
    };
    source.addEventListener("changed", (event) => {
      after = event.lastEventId;
      changed();
    });
    source.addEventListener("signed-out", back);
    source.onerror = () => {
      const refused = source.readyState === EventSource.CLOSED;
      source.close();
      sign(false);
      setTimeout(refused ? back : connect, pause);
      pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
    };
  }

  connect();
}
