/* The list: sorted once, narrowed by words and filters, drawn a piece at a time. */

const CHUNK = 50;

const orders = new Map();
let listed = [];
let first = 0;
let last = 0;
let table = null;
let drawn = "";

function sorting() {
  const wanted = state.sort || view().sort;
  const column = view().columns.find((column) => column.key === wanted.replace(/^-/, ""));
  return column ? [column, wanted.startsWith("-")] : [view().columns[0], false];
}

/** The items of the view in their order, sorted once. */
function ordered() {
  const [column, down] = sorting();
  const key = `${state.view} ${column.key} ${down}`;
  if (!orders.has(key)) {
    const turn = down ? -1 : 1;
    const values = view().items.map((item, index) => [column.value(item), index, item]);
    values.sort((a, b) => (a[0] < b[0] ? -turn : a[0] > b[0] ? turn : a[1] - b[1]));
    orders.set(key, values.map((value) => value[2]));
  }
  return orders.get(key);
}

const filtered = () => Object.keys(FILTERS).filter((name) => state[name]);

function matching() {
  const words = comparable(state.q).split(/\s+/).filter(Boolean);
  const wanted = filtered();
  const fits = (item) => words.every((word) => item.text.includes(word)) && wanted.every((name) => item.facets[name].includes(state[name]));
  return words.length || wanted.length ? ordered().filter(fits) : ordered();
}

// Roles are said, since tables and rows that a phone shows as cards lose theirs.
function row(item, index) {
  const isOpen = item.id === opened();
  const cells = view().columns.map((column, at) => {
    if (at > 0) return el(`td.${column.right ? "number" : ""}`, { role: "cell", "data-title": column.title }, column.draw(item));
    const opener = button("opener", icon("chevron"), column.draw(item));
    opener.setAttribute("aria-expanded", isOpen);
    return el("th", { role: "rowheader", scope: "row" }, opener);
  });
  const line = el(`tr.${isOpen ? "open" : ""}`, { role: "row", "data-index": index }, cells);
  return isOpen ? [line, detailRow(item)] : [line];
}

const detailRow = (item) =>
  el("tr.detail", { role: "row" }, el("td", { role: "cell", colspan: view().columns.length }, el("div.inside", view().detail(item))));

const rows = (from, to) => listed.slice(from, to).flatMap((item, index) => row(item, from + index));

function drawTable() {
  const [sorted, down] = sorting();
  const head = view().columns.map((column) => {
    const order = column !== sorted ? "none" : down ? "descending" : "ascending";
    const turn = button("turn", column.title, icon("chevron"));
    turn.dataset.sort = column.key;
    return el(`th.${column.right ? "number" : ""}`, { role: "columnheader", scope: "col", "aria-sort": order }, turn);
  });
  table = el(
    `table.${state.view}`,
    { role: "table" },
    el("caption.unseen", view().title),
    el("thead", { role: "rowgroup" }, el("tr", { role: "row" }, head)),
    el("tbody", { role: "rowgroup" }),
  );
  byId("table").replaceChildren(table);
}

/** How many there are, or are left; images that are not whole apart, as the program's lists have them. */
function census(narrowed) {
  const { items, whole, noun, empty } = view();
  const here = countable(listed);
  const kinds = [
    [here, whole, ...noun],
    [listed.length - here, items.length - whole, "incomplete", "incomplete"],
  ].filter(([, all]) => all);
  const said = listed.length ? kinds.filter(([here]) => here) : kinds.slice(0, 1);
  return said.map(([here, ...all]) => (narrowed ? `${number(here)} of ` : "") + counted(...all)).join(" and ") || empty;
}

function drawList() {
  listed = matching();
  const target = listed.findIndex((item) => item.id === opened());
  drawRows(target < CHUNK ? 0 : target);
  table.hidden = !listed.length;
  const narrowed = state.q || filtered().length > 0;
  byId("status").textContent = census(narrowed);
  byId("clear").hidden = !narrowed;
}

function drawRows(from, many = CHUNK) {
  first = from;
  last = Math.min(listed.length, first + many);
  table.tBodies[0].replaceChildren(...rows(first, last));
  drawEdges();
}

function drawEdges() {
  const [, many] = view().noun;
  byId("earlier").hidden = first === 0;
  byId("earlier").textContent = `Show ${number(Math.min(CHUNK, first))} earlier ${many}`;
  byId("later").hidden = last >= listed.length;
  byId("later").textContent = `Show more: ${number(listed.length - last)} ${many} follow`;
}

function later() {
  const from = last;
  last = Math.min(listed.length, last + CHUNK);
  table.tBodies[0].append(...rows(from, last));
  drawEdges();
}

function earlier() {
  const to = first;
  const height = document.documentElement.scrollHeight;
  first = Math.max(0, first - CHUNK);
  table.tBodies[0].prepend(...rows(first, to));
  drawEdges();
  scrollBy(0, document.documentElement.scrollHeight - height);
}
