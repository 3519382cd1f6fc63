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
    const values = view().items.map((item, index) => [column.value(item), index, item]);
    const turn = down ? -1 : 1;
    values.sort((a, b) => (a[0] < b[0] ? -turn : a[0] > b[0] ? turn : a[1] - b[1]));
    orders.set(
      key,
      values.map((value) => value[2]),
    );
  }
  return orders.get(key);
}

function matching() {
  const words = state.q.toLowerCase().split(/\s+/).filter(Boolean);
  const wanted = Object.keys(FILTERS).filter((name) => state[name]);
  const fits = (item) => words.every((word) => item.text.includes(word)) && wanted.every((name) => item.facets[name].includes(state[name]));
  return words.length || wanted.length ? ordered().filter(fits) : ordered();
}

function row(item, index) {
  const isOpen = item.id === opened();
  const cells = view().columns.map((column, at) => {
    const kind = column.numeric && !column.left ? "number" : "";
    if (at > 0) return el("td", { role: "cell", class: kind, "data-title": column.title }, column.draw(item));
    const button = el("button", { type: "button", class: "opener", "aria-expanded": String(isOpen) }, icon("chevron"), column.draw(item));
    return el("th", { role: "rowheader", scope: "row" }, button);
  });
  const line = el("tr", { role: "row", class: isOpen ? "open" : "", "data-index": index }, cells);
  return isOpen ? [line, detailRow(item)] : [line];
}

function detailRow(item) {
  const cell = el("td", { role: "cell", colspan: view().columns.length }, el("div", { class: "inside" }, view().detail(item)));
  return el("tr", { role: "row", class: "detail" }, cell);
}

const rows = (from, to) => listed.slice(from, to).flatMap((item, index) => row(item, from + index));

function drawTable() {
  const [sorted, down] = sorting();
  const head = view().columns.map((column) => {
    const is = column === sorted;
    const turn = el("button", { type: "button", "data-sort": column.key }, column.title, icon("chevron"));
    const kind = column.numeric && !column.left ? "number" : "";
    return el("th", { role: "columnheader", scope: "col", class: kind, "aria-sort": is ? (down ? "descending" : "ascending") : "none" }, turn);
  });
  table = el(
    "table",
    { role: "table", class: state.view },
    el("caption", { class: "unseen" }, view().title),
    el("thead", { role: "rowgroup" }, el("tr", { role: "row" }, head)),
    el("tbody", { role: "rowgroup" }),
  );
  byId("table").replaceChildren(table);
}

function drawList() {
  listed = matching();
  const target = listed.findIndex((item) => item.id === opened());
  first = target < CHUNK ? 0 : target;
  last = Math.min(listed.length, first + CHUNK);
  table.tBodies[0].replaceChildren(...rows(first, last));
  table.hidden = !listed.length;
  drawEdges();
  const [one, many] = view().noun;
  const all = view().items.length;
  const narrowed = state.q || Object.keys(FILTERS).some((name) => state[name]);
  byId("status").textContent = !all ? view().empty : narrowed ? `${number(listed.length)} of ${counted(all, one, many)}` : counted(all, one, many);
  byId("clear").hidden = !narrowed;
}

function drawEdges() {
  const [, many] = view().noun;
  byId("earlier").hidden = first === 0;
  byId("earlier").textContent = `Show ${number(Math.min(CHUNK, first))} earlier ${many}`;
  byId("later").hidden = last >= listed.length;
  byId("later").textContent = `Show more: ${number(listed.length - last)} ${many} follow`;
}

function later() {
  const to = Math.min(listed.length, last + CHUNK);
  table.tBodies[0].append(...rows(last, to));
  last = to;
  drawEdges();
}

function earlier() {
  const from = Math.max(0, first - CHUNK);
  const height = document.documentElement.scrollHeight;
  table.tBodies[0].prepend(...rows(from, first));
  first = from;
  drawEdges();
  scrollBy(0, document.documentElement.scrollHeight - height);
}
