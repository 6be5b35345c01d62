// A small safe part of Markdown: paragraphs, lists, bold and web links. Everything else stays the text it is.

import { el, webAddress } from "./dom.js";

const BULLET = /^\s*[-*•]\s+(.*)$/;
const NUMBER = /^\s*(\d{1,3})[.)]\s+(.*)$/;
const HEADING = /^\s*#{1,6}\s+(.*)$/;
const INLINE = /\*\*([^*\n]+)\*\*|\[([^\]\n]+)\]\(([^)\s]+)\)|(https?:\/\/[^\s<>"')\]]*[^\s<>"')\].,;:!?])/g;

/** Block elements for a text. */
export function render(text) {
  const blocks = [];
  for (const line of text.replace(/\r\n?/g, "\n").split("\n")) addLine(blocks, line);
  return blocks.map((block) => block.node).filter((node) => node !== null);
}

function addLine(blocks, line) {
  const last = blocks.at(-1);
  const bullet = line.match(BULLET);
  const number = line.match(NUMBER);
  if (!line.trim()) {
    blocks.push({ kind: "gap", node: null });
  } else if (bullet || number) {
    const kind = bullet ? "ul" : "ol";
    const list = continued(blocks, kind) ?? push(blocks, kind, number ? { start: Number(number[1]) } : {});
    list.node.append(el("li", { dir: "auto" }, inline(bullet ? bullet[1] : number[2])));
  } else if (HEADING.test(line)) {
    push(blocks, "p", { dir: "auto" }).node.append(el("strong", {}, inline(line.match(HEADING)[1])));
    blocks.push({ kind: "gap", node: null });
  } else if (last?.kind === "p") {
    last.node.append(el("br"), ...inline(line));
  } else {
    push(blocks, "p", { dir: "auto" }).node.append(...inline(line));
  }
}

// Lists go on across a blank line, so that "1.\n\n2." is one list.
function continued(blocks, kind) {
  const last = blocks.findLast((block) => block.kind !== "gap");
  return last?.kind === kind ? last : null;
}

function push(blocks, kind, props) {
  const block = { kind, node: el(kind, props) };
  blocks.push(block);
  return block;
}

function inline(text) {
  const parts = [];
  let end = 0;
  for (const match of text.matchAll(INLINE)) {
    const [whole, bold, label, target, bare] = match;
    parts.push(text.slice(end, match.index));
    parts.push(bold ? el("strong", { textContent: bold }) : link(label ?? bare, target ?? bare, whole));
    end = match.index + whole.length;
  }
  parts.push(text.slice(end));
  return parts.filter((part) => part !== "");
}

function link(label, target, whole) {
  const href = webAddress(target);
  return href ? el("a", { href, textContent: label, target: "_blank", rel: "noopener noreferrer nofollow" }) : whole;
}
