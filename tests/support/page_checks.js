// Finds faults of the page as it is shown now; see page_checks.py. An expression, for page.evaluate.
() => {
  const all = (selector) => [...document.querySelectorAll(selector)];
  const controls = "a[href], button, input:not([type=hidden]), select, textarea, summary";
  const shown = (node) => node.checkVisibility() && node.getClientRects().length > 0 && !node.closest("[inert]");
  const said = (node) => `${node.tagName.toLowerCase()}#${node.id}.${node.getAttribute("class") ?? ""}`;
  const text = (ids) => (ids ?? "").split(" ").map((id) => document.getElementById(id)?.textContent ?? "").join(" ");
  const nameOf = (node) =>
    node.getAttribute("aria-label") ||
    text(node.getAttribute("aria-labelledby")) ||
    [...(node.labels ?? [])].map((label) => label.textContent).join(" ") ||
    node.getAttribute("alt") ||
    node.textContent;

  const found = [];
  for (const node of all(`${controls}, section, nav, dialog[open], [role=group], [role=region]`)) {
    if (shown(node) && !nameOf(node).trim()) found.push(`no name: ${said(node)}`);
  }
  for (const node of all("img:not([alt]), svg:not([aria-hidden=true])")) found.push(`no text: ${said(node)}`);
  for (const name of ["main", "h1"]) if (all(name).length !== 1) found.push(`${all(name).length} times ${name}`);
  if (!document.documentElement.lang || !document.title) found.push("no language or title");
  const ids = all("[id]").map((node) => node.id);
  for (const id of new Set(ids.filter((each, at) => ids.indexOf(each) !== at))) found.push(`twice: #${id}`);
  for (const node of all("[tabindex]")) if (node.tabIndex > 0) found.push(`order of focus: ${said(node)}`);
  for (const node of all(controls)) {
    const { width, height } = node.getBoundingClientRect();
    const inText = node.matches("a, .link, .small-cover, summary") || node.labels?.length || node.closest(".skip");
    if (shown(node) && !inText && (width < 24 || height < 24)) found.push(`too small: ${said(node)}`);
  }

  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const pixel = (colour) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const linear = (part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
  const luminance = ([r, g, b]) => 0.2126 * linear(r / 255) + 0.7152 * linear(g / 255) + 0.0722 * linear(b / 255);
  const ground = (node) => {
    for (let at = node; at; at = at.parentElement) {
      const colour = pixel(getComputedStyle(at).backgroundColor);
      if (colour[3] === 255) return colour;
    }
    return pixel("white");
  };
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const words = texts.currentNode.data.trim();
    const node = texts.currentNode.parentElement;
    // A cover lies over blurred text on purpose; its own ground is that of the line.
    if (!words || !shown(node) || node.closest(".unseen, .skip, option, .cover:not(.small-cover)")) continue;
    const pair = [luminance(pixel(getComputedStyle(node).color)), luminance(ground(node))].sort((a, b) => b - a);
    const contrast = (pair[0] + 0.05) / (pair[1] + 0.05);
    if (contrast < 4.5) found.push(`contrast ${contrast.toFixed(2)}: ${said(node)} ${words.slice(0, 30)}`);
  }
  return found;
}
