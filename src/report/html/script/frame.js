/* What stands around the list: figures, shares, views, filters; and what draws them all. */

function overview() {
  const { errors, warnings, infos, charts } = data.summary;
  const of = (state) => images.filter((image) => image.pinning === state).length;
  const whole = wholeOf(images).length;
  const incomplete = of("incomplete");
  const show = (value, title, change, kind = "") => {
    const said = change ? link(change, kind && icon(kind), value, el("span.unseen", ` ${title}`)) : value;
    return el(`div.${kind}`, el("dt", title), el("dd", said));
  };
  const found = (count, title, severity) => show(number(count), title, { view: "findings", severity }, count ? severity : "");
  add(byId("figures"), [
    show(number(whole), whole === 1 ? "image" : "images", { view: "images" }),
    incomplete > 0 && show(number(incomplete), "incomplete", { view: "images", state: "incomplete" }),
    show(number(charts), charts === 1 ? "chart" : "charts"),
    show(percent(of("pinned"), whole), "pinned", { view: "images", state: "pinned" }),
    found(errors, errors === 1 ? "error" : "errors", "error"),
    found(warnings, warnings === 1 ? "warning" : "warnings", "warning"),
    found(infos, "info", "info"),
  ]);
  bar(
    "pinning",
    Object.entries(PINNING).map(([kind, name]) => ({ kind, name, count: of(kind), change: { view: "images", state: kind } })),
  );
  const ranked = registries.toSorted((a, b) => b.whole - a.whole);
  const alone = ranked.length > 6 ? 5 : 6;
  const rest = ranked.slice(alone);
  const count = rest.reduce((sum, registry) => sum + registry.whole, 0);
  bar("registry", [
    ...ranked.slice(0, alone).map(({ id, whole }) => ({ kind: "shade", name: id, count: whole, change: { view: "images", registry: id } })),
    { kind: "shade", name: `${number(rest.length)} more`, count, change: { view: "registries" } },
  ]);
  document.querySelector(".shares").hidden = !images.length;
}

function bar(name, parts) {
  for (const [index, part] of parts.filter(({ count }) => count).entries()) {
    const [piece, key] = ["span", "span.key"].map((one) => el(`${one}.${part.kind}`));
    for (const one of [piece, key]) one.style.setProperty("--shade", index);
    piece.style.flexGrow = part.count;
    byId(`${name}-bar`).append(piece);
    byId(`${name}-legend`).append(el("li", link(part.change, key, part.name, el("b", number(part.count)))));
  }
}

function drawFrame() {
  document.title = `${view().title}: container images of Helm charts`;
  const kept = Object.fromEntries(["q", ...filtered()].map((key) => [key, state[key]]));
  byId("views").replaceChildren(
    ...Object.entries(VIEWS).map(([name, { title, whole }]) => {
      const to = link({ ...kept, view: name }, title, " ", el("span.count", number(whole)));
      if (name === state.view) to.setAttribute("aria-current", "page");
      return el("li", to);
    }),
  );
  if (byId("query").value !== state.q) byId("query").value = state.q;
  for (const name of Object.keys(FILTERS)) {
    const select = byId(`filter-${name}`);
    select.value = state[name] || "";
    select.classList.toggle("set", Boolean(state[name]));
  }
  const [sorted, down] = sorting();
  const orders = [["", "ascending"], ["-", "descending"]];
  byId("sorter").replaceChildren(
    ...view().columns.flatMap(({ key, title }) => orders.map(([sign, words]) => el("option", { value: sign + key }, `${title}, ${words}`))),
  );
  byId("sorter").value = (down ? "-" : "") + sorted.key;
}

/** Draws what the state asks for; the focus stays where it is, also in what is drawn anew. */
function draw() {
  const head = `${state.view} ${state.sort}`;
  const { sort } = document.activeElement.dataset;
  const onView = byId("views").contains(document.activeElement);
  drawFrame();
  if (head !== drawn) drawTable();
  drawn = head;
  if (sort) table.querySelector(`[data-sort="${CSS.escape(sort)}"]`)?.focus();
  if (onView) byId("views").querySelector("[aria-current]").focus();
  drawList();
}

/** Opens a row or closes it where it stands, so that nothing jumps. */
function toggle(line) {
  const item = listed[line.dataset.index];
  const before = line.getBoundingClientRect().top;
  const wasOpen = item.id === opened();
  for (const open of table.querySelectorAll("tr.open")) mark(open, false);
  for (const detail of table.querySelectorAll("tr.detail")) detail.remove();
  state = { ...state, [view().param]: wasOpen ? "" : item.id };
  history.pushState(null, "", address(state));
  if (!wasOpen) {
    mark(line, true);
    line.after(detailRow(item));
  }
  scrollBy(0, line.getBoundingClientRect().top - before);
}

function mark(line, isOpen) {
  line.classList.toggle("open", isOpen);
  line.querySelector(".opener").setAttribute("aria-expanded", isOpen);
}

/** Shows the row that the address names. */
function reveal() {
  const line = table.querySelector("tr.open");
  if (!line) return;
  line.scrollIntoView({ block: "start" });
  line.querySelector(".opener").focus({ preventScroll: true });
}
