// Building elements. Text is only ever set as text: nothing here parses HTML.

const SVG = "http://www.w3.org/2000/svg";

export const byId = (id) => document.getElementById(id);

/** An element with properties (dashed names become attributes) and children; null children are left out. */
export function el(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (name.includes("-") || name === "role") node.setAttribute(name, value);
    else node[name] = value;
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return node;
}

export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `#icon-${name}`);
  svg.append(use);
  return svg;
}

/** Let a screen reader say something; `urgent` interrupts. */
export function announce(text, urgent = false) {
  const region = byId(urgent ? "urgent" : "polite");
  while (region.childElementCount > 3) region.firstElementChild.remove();
  region.append(el("p", { textContent: text }));
}

/** Keep nothing of what was said to a screen reader: another person is here now, or it has been forgotten. */
export function hush() {
  byId("polite").replaceChildren();
  byId("urgent").replaceChildren();
}

/** A number as dialled, fit for a tel: or sms: link; null when there is nothing to dial in it. */
export function dialable(number) {
  const dialled = (number ?? "").replace(/[^0-9+*#]/g, "").replace(/#/g, "%23");
  return /\d/.test(dialled) ? dialled : null;
}

/** The address when it is one of the web, else null. */
export function webAddress(text) {
  try {
    const url = new URL(text);
    return url.protocol === "https:" || url.protocol === "http:" ? url.href : null;
  } catch {
    return null;
  }
}
