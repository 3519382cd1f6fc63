/* What stands around the list: figures, shares, views, filters; and what draws them all. */

function overview() {
  const { errors, warnings, infos, charts } = data.summary;
  const pinned = images.filter((image) => image.pinning === "pinned").length;
  const figure = (value, title, change, kind) =>
    el("div", { class: kind }, el("dt", {}, title), el("dd", {}, change ? link(change, kind && icon(kind), value) : value));
  byId("figures").replaceChildren(
    figure(number(images.length), images.length === 1 ? "image" : "images", { view: "images" }),
    figure(number(charts), charts === 1 ? "chart" : "charts"),
    figure(percent(pinned, images.length), "pinned", { view: "images", state: "pinned" }),
    figure(number(errors), errors === 1 ? "error" : "errors", { view: "findings", severity: "error" }, errors > 0 && "error"),
    figure(number(warnings), warnings === 1 ? "warning" : "warnings", { view: "findings", severity: "warning" }, warnings > 0 && "warning"),
    figure(number(infos), "info", { view: "findings", severity: "info" }, infos > 0 && "info"),
  );
  const states = Object.keys(PINNING).map((name) => [name, images.filter((image) => image.pinning === name).length]);
  bar(
    "pinning",
    states.filter(([, count]) => count).map(([name, count]) => ({ kind: name, name: PINNING[name], count, change: { view: "images", state: name } })),
  );
  const ranked = [...registries].sort((a, b) => b.images.length - a.images.length);
  const alone = ranked.length > 6 ? 5 : 6;
  const parts = ranked
    .slice(0, alone)
    .map((registry, index) => ({
      kind: `rank-${index}`,
      name: registry.id,
      count: registry.images.length,
      change: { view: "images", registry: registry.id },
    }));
  const rest = ranked.slice(alone);
  if (rest.length)
    parts.push({
      kind: "rank-rest",
      name: `${number(rest.length)} more`,
      count: rest.reduce((sum, registry) => sum + registry.images.length, 0),
      change: { view: "registries" },
    });
  bar("registry", parts);
}

function bar(name, parts) {
  byId(`${name}-bar`).replaceChildren(
    ...parts.map((part) => {
      const piece = el("span", { class: part.kind });
      piece.style.flexGrow = part.count;
      return piece;
    }),
  );
  byId(`${name}-legend`).replaceChildren(
    ...parts.map((part) =>
      el(
        "li",
        {},
        link(
          part.change,
          el("span", { class: `key ${part.kind}`, "aria-hidden": "true" }),
          el("span", { class: "what" }, part.name),
          el("b", {}, number(part.count)),
        ),
      ),
    ),
  );
}

function drawFrame() {
  document.title = `${view().title}: container images of Helm charts`;
  byId("views").replaceChildren(
    ...Object.entries(VIEWS).map(([name, one]) => {
      const kept = Object.fromEntries(["q", ...Object.keys(FILTERS)].map((key) => [key, state[key]]));
      const here = name === state.view;
      return el(
        "li",
        {},
        el(
          "a",
          { href: address({ ...blank(), ...kept, view: name }), "aria-current": here && "page" },
          one.title,
          el("span", { class: "count" }, number(one.items.length)),
        ),
      );
    }),
  );
  if (byId("query").value !== state.q) byId("query").value = state.q;
  for (const name of Object.keys(FILTERS)) {
    const select = byId(`filter-${name}`);
    select.value = state[name] || "";
    select.classList.toggle("set", Boolean(state[name]));
  }
  const [sorted, down] = sorting();
  byId("sorter").replaceChildren(
    ...view().columns.flatMap((column) =>
      [
        ["", "ascending"],
        ["-", "descending"],
      ].map(([sign, words]) =>
        el("option", { value: sign + column.key, selected: column === sorted && down === (sign === "-") }, `${column.title}, ${words}`),
      ),
    ),
  );
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
  for (const open of table.querySelectorAll("tr.open")) {
    open.classList.remove("open");
    open.querySelector(".opener").setAttribute("aria-expanded", "false");
  }
  for (const detail of table.querySelectorAll("tr.detail")) detail.remove();
  state = { ...state, [view().param]: wasOpen ? "" : item.id };
  history.pushState(null, "", address(state));
  if (!wasOpen) {
    line.classList.add("open");
    line.querySelector(".opener").setAttribute("aria-expanded", "true");
    line.after(detailRow(item));
  }
  scrollBy(0, line.getBoundingClientRect().top - before);
}

/** Shows the row that the address names. */
function reveal() {
  const line = table.querySelector("tr.open");
  if (!line) return;
  line.scrollIntoView({ block: "start" });
  line.querySelector(".opener").focus({ preventScroll: true });
}
