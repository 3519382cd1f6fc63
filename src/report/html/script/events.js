/* What people do, and the first drawing. */

const on = (id, event, then) => byId(id).addEventListener(event, then);

const THEMES = ["system", "light", "dark"];

/** What is stored, or is to be; a page that may store nothing follows the system. */
function stored(theme) {
  try {
    if (theme) localStorage.setItem("chartpin-theme", theme);
    return localStorage.getItem("chartpin-theme");
  } catch {
    return theme;
  }
}

function paint(theme) {
  document.documentElement.dataset.theme = theme;
  byId("theme").replaceChildren(icon(theme), el("span", `Theme: ${theme}`));
}

on("theme", "click", () => {
  const next = THEMES[(THEMES.indexOf(document.documentElement.dataset.theme) + 1) % THEMES.length];
  stored(next);
  paint(next);
});

for (const [name, { title, any, options }] of Object.entries(FILTERS)) {
  const choices = [["", any], ...options].map(([value, title]) => el("option", { value }, title));
  byId("filters").append(el("select", { id: `filter-${name}`, "aria-label": title }, choices));
  on(`filter-${name}`, "change", (event) => go({ [name]: event.target.value, [view().param]: "" }));
}

on("query", "input", (event) => {
  go({ q: event.target.value, [view().param]: "" }, typing);
  typing = true;
});
on("query", "blur", () => (typing = false));
on("tools", "submit", (event) => event.preventDefault());
on("clear", "click", () => {
  go({ ...Object.fromEntries(filtered().map((name) => [name, ""])), q: "" });
  byId("query").focus();
});
on("sorter", "change", (event) => go({ sort: event.target.value }));
on("later", "click", () => {
  const at = last;
  later();
  table.querySelector(`[data-index="${at}"] .opener`)?.focus();
});
on("earlier", "click", earlier);
// Paper has nothing to press: it gets the whole list.
addEventListener("beforeprint", () => (first > 0 || last < listed.length) && drawRows(0, listed.length));

on("table", "click", ({ target }) => {
  const sort = target.closest("[data-sort]")?.dataset.sort;
  if (sort) {
    const [column, down] = sorting();
    const turned = column.key === sort ? !down : view().columns.find((one) => one.key === sort).numeric;
    go({ sort: (turned ? "-" : "") + sort });
    return;
  }
  const line = target.closest("tr[data-index]");
  const selects = String(getSelection()) !== "" && !target.closest("button");
  if (line && !target.closest("a") && !selects) toggle(line);
});

addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const { key, target: at } = event;
  const query = byId("query");
  const writes = at.matches("input, select");
  const open = table.querySelector("tr.open");
  const step = { ArrowDown: 1, ArrowUp: -1 }[key];
  if (key === "/" && !writes) {
    event.preventDefault();
    query.focus();
    query.select();
  } else if (key === "Escape" && at === query && state.q) {
    event.preventDefault();
    go({ q: "" });
  } else if (key === "Escape" && !writes && open) {
    toggle(open);
    open.querySelector(".opener").focus();
  } else if (step && (at.matches(".opener") || (at === query && step > 0))) {
    const openers = [...table.querySelectorAll(".opener")];
    const next = openers[openers.indexOf(at) + step];
    if (next) event.preventDefault();
    next?.focus();
  }
});

addEventListener("hashchange", () => {
  state = read();
  draw();
  reveal();
});
new IntersectionObserver((seen) => seen.some((one) => one.isIntersecting) && last < listed.length && later(), { rootMargin: "600px" }).observe(
  byId("later"),
);

if (data.unknown)
  byId("unknown").textContent = `${counted(data.unknown, "place")} of templates could not be followed: what uses an image there is not listed.`;
paint(THEMES.find((name) => name === stored()) ?? THEMES[0]);
overview();
for (const node of [byId("theme"), byId("overview"), byId("app"), document.querySelector("nav")]) node.hidden = false;
draw();
reveal();
