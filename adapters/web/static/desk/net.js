// Talking to the server: forms, pages and the session. Whatever happens, nothing typed is thrown away.

import { byId } from "../dom.js";

/** GET or POST, answered by a document. Markup from the server is parsed here and nowhere else: no script in it runs. */
export function page(url, { body = null, auto = true } = {}) {
  return new Promise((done) => {
    const request = new XMLHttpRequest();
    request.open(body ? "POST" : "GET", url);
    request.responseType = "document";
    if (auto) request.setRequestHeader("X-Desk", "auto");
    request.onload = () => done({ status: request.status, doc: request.response });
    request.onerror = () => done({ status: 0, doc: null });
    request.send(body);
  });
}

/** POST a form. Resolves to {ok, status, data} or {ok: false, problem}: it never rejects. */
async function post(url, body) {
  try {
    const answer = await fetch(url, { method: "POST", headers: { "X-Desk": "pressed" }, body });
    const data = await answer.json();
    return { ok: answer.ok, status: answer.status, data, problem: data.error?.message };
  } catch {
    return { ok: false, status: 0, problem: "The server cannot be reached. Nothing was sent; try again." };
  }
}

/** What a form would send now. */
export const fields = (form, submitter) => new URLSearchParams(new FormData(form, submitter));

/** Send a form; a session that has ended is begun anew in between. Null when the moderator did not log in again. */
export async function send(form, submitter) {
  const url = submitter?.getAttribute("formaction") ?? form.getAttribute("action");
  for (;;) {
    const answer = await post(url, fields(form, submitter));
    if (answer.status !== 401) return answer;
    if (!(await signIn())) return null;
  }
}

/** Is this what the server shows to somebody without a session? */
export const signedOut = ({ status, doc }) => status === 401 || doc?.body?.dataset.page === "login";

let waiting = null;

/** Ask for the password over the page as it is. Resolves to true once there is a session again. */
export function signIn() {
  waiting ??= new Promise((done) => {
    const dialog = byId("sign-in");
    const form = dialog.querySelector("form");
    const wrong = form.querySelector("[role=alert]");
    const finish = (back) => {
      waiting = null;
      window.removeEventListener("focus", elsewhere);
      delete document.body.dataset.locked;
      form.reset();
      wrong.hidden = true;
      if (dialog.open) dialog.close();
      done(back);
    };
    const elsewhere = async () => (await renew()) && finish(true);
    document.body.dataset.locked = "yes";
    dispatchEvent(new Event("locked"));
    dialog.onclose = () => waiting && finish(false);
    dialog.showModal();
    form.elements.password.focus();
    form.onsubmit = async (event) => {
      event.preventDefault();
      const answer = await post("/desk/login", fields(form));
      if (answer.ok) {
        take(answer.data.csrf);
        finish(true);
      } else {
        wrong.textContent = answer.problem;
        wrong.hidden = false;
        form.elements.password.select();
      }
    };
    window.addEventListener("focus", elsewhere); // logged in again in another window
  });
  return waiting;
}

/** Take the session of this browser into the forms of this page. False when there is none, or it is somebody else's. */
export async function renew() {
  try {
    const answer = await fetch("/desk/who", { headers: { "X-Desk": "auto" } });
    const data = await answer.json();
    if (!answer.ok || data.name !== byId("me").dataset.name) return false;
    take(data.csrf);
    return true;
  } catch {
    return false;
  }
}

function take(csrf) {
  for (const input of document.querySelectorAll("input[name=csrf]")) input.value = csrf;
}
