/* Elements, numbers and words. Text becomes text nodes alone. */

const byId = (id) => document.getElementById(id);
const format = new Intl.NumberFormat("en");
const number = (count) => format.format(count);
const counted = (count, one, many = `${one}s`) => `${number(count)} ${count === 1 ? one : many}`;
const HARMFUL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** An element: its name with its classes (`li.found`), attributes if there are any, children. */
function el(name, ...children) {
  const [tag, ...classes] = name.split(".");
  const node = document.createElement(tag);
  node.classList.add(...classes.filter(Boolean));
  if (children[0]?.constructor === Object) {
    for (const [key, value] of Object.entries(children.shift())) {
      if (value !== false && value !== undefined) node.setAttribute(key, value === true ? "" : value);
    }
  }
  add(node, children);
  return node;
}

/** Adds children. Characters that would turn the direction of a line are shown as what they are: something that does not belong there. */
function add(node, children) {
  for (const child of children.flat(Infinity)) {
    if (child instanceof Node) node.append(child);
    else if (child || child === 0) node.append(String(child).replace(HARMFUL, "\ufffd"));
  }
}

function icon(name) {
  const [svg, use] = ["svg", "use"].map((tag) => document.createElementNS("http://www.w3.org/2000/svg", tag));
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  use.setAttribute("href", `#icon-${name}`);
  svg.append(use);
  return svg;
}

/** Prose with values in backticks. */
const prose = (text) => text.split("`").map((part, index) => (index % 2 ? el("code", part) : part));
const badge = (kind, words) => el(`span.badge.${kind}`, icon(kind), words[kind]);
const button = (kind, ...children) => el(`button.${kind}`, { type: "button" }, children);

/** The first of many as items of a list, and a button for the others. */
function limited(kind, limit, items, draw) {
  const list = el(`ul.${kind}`, items.slice(0, limit).map((item) => el("li", draw(item))));
  if (items.length <= limit) return list;
  const all = button("quiet", `Show ${number(items.length - limit)} more`);
  all.addEventListener("click", () => {
    add(list, items.slice(limit).map((item) => el("li", draw(item))));
    const first = list.children[limit];
    first.setAttribute("tabindex", "-1");
    first.focus();
    all.remove();
  });
  return [list, all];
}
