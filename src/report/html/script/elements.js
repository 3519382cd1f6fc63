/* Elements, numbers and words. Text becomes text nodes alone. */

const byId = (id) => document.getElementById(id);
const format = new Intl.NumberFormat("en");
const number = (count) => format.format(count);
const counted = (count, one, many = `${one}s`) => `${number(count)} ${count === 1 ? one : many}`;
const HARMFUL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;
// Characters that would turn the direction of a line are shown as what they are: something that does not belong there.
const shown = (text) => String(text).replace(HARMFUL, "\ufffd");

/** An element with attributes and children; strings become text, nothing is left out. */
function el(name, attributes, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes || {})) {
    if (value === false || value === undefined || value === null) continue;
    if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else node.setAttribute(key, value === true ? "" : value);
  }
  add(node, children);
  return node;
}

function add(node, children) {
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false) continue;
    node.append(child instanceof Node ? child : shown(child));
  }
}

function icon(name) {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(space, "use");
  use.setAttribute("href", `#icon-${name}`);
  svg.append(use);
  return svg;
}

/** Prose with values in backticks. */
const prose = (text) => text.split("`").map((part, index) => (index % 2 ? el("code", {}, part) : part));
const badge = (kind, words) => el("span", { class: `badge ${kind}` }, icon(kind), words[kind]);

/** The first of many, and a button for the others. */
function limited(items, limit, draw, holder) {
  add(holder, items.slice(0, limit).map(draw));
  if (items.length <= limit) return holder;
  const rest = items.slice(limit);
  const all = el("button", { type: "button", class: "quiet" }, `Show ${number(rest.length)} more`);
  all.addEventListener("click", () => {
    const first = rest.map(draw);
    add(holder, first);
    first[0].setAttribute("tabindex", "-1");
    first[0].focus();
    all.remove();
  });
  return [holder, all];
}
