/* What people do, and the first drawing. */

const THEMES = ["system", "light", "dark"];
let theme = "system";
try {
  theme = THEMES.find((name) => name === localStorage.getItem("chartpin-theme")) ?? theme;
} catch {
  // A page that may store nothing follows the system.
}

function paint() {
  document.documentElement.dataset.theme = theme;
  byId("theme").replaceChildren(icon(theme), el("span", {}, `Theme: ${theme}`));
}

byId("theme").addEventListener("click", () => {
  theme = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length];
  try {
    localStorage.setItem("chartpin-theme", theme);
  } catch {
    // As above.
  }
  paint();
});

// ------------------------------------------------------------------------------------------------------------ what people do

for (const [name, filter] of Object.entries(FILTERS)) {
  const select = el(
    "select",
    { id: `filter-${name}`, "aria-label": filter.title, onchange: (event) => go({ [name]: event.target.value, [view().param]: "" }) },
    el("option", { value: "" }, filter.any),
    filter.options.map(([value, title]) => el("option", { value }, title)),
  );
  byId("filters").append(select);
}

byId("query").addEventListener("input", (event) => {
  go({ q: event.target.value, [view().param]: "" }, typing);
  typing = true;
});
byId("query").addEventListener("blur", () => (typing = false));
byId("tools").addEventListener("submit", (event) => event.preventDefault());
byId("clear").addEventListener("click", () => {
  go({ ...Object.fromEntries(Object.keys(FILTERS).map((name) => [name, ""])), q: "" });
  byId("query").focus();
});
byId("sorter").addEventListener("change", (event) => go({ sort: event.target.value }));
byId("later").addEventListener("click", () => {
  const at = last;
  later();
  table.querySelector(`[data-index="${at}"] .opener`)?.focus();
});
byId("earlier").addEventListener("click", earlier);

byId("table").addEventListener("click", (event) => {
  const sort = event.target.closest("[data-sort]")?.dataset.sort;
  if (sort) {
    const [column, down] = sorting();
    const turned = column.key === sort ? !down : Boolean(view().columns.find((one) => one.key === sort).numeric);
    go({ sort: (turned ? "-" : "") + sort });
    return;
  }
  const line = event.target.closest("tr[data-index]");
  const selects = String(getSelection()) !== "" && !event.target.closest("button");
  if (line && !event.target.closest("a") && !selects) toggle(line);
});

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const at = event.target;
  const writes = at.matches?.("input, select, textarea");
  if (event.key === "/" && !writes) {
    event.preventDefault();
    byId("query").focus();
    byId("query").select();
  } else if (event.key === "Escape" && at === byId("query") && state.q) {
    event.preventDefault();
    go({ q: "" });
  } else if (event.key === "Escape" && !writes && opened()) {
    const line = table.querySelector("tr.open");
    if (line) {
      toggle(line);
      line.querySelector(".opener").focus();
    }
  } else if (
    (event.key === "ArrowDown" || event.key === "ArrowUp") &&
    (at.matches?.(".opener") || (at === byId("query") && event.key === "ArrowDown"))
  ) {
    const openers = [...table.querySelectorAll(".opener")];
    const next = openers[openers.indexOf(at) + (event.key === "ArrowDown" ? 1 : -1)];
    if (next) {
      event.preventDefault();
      next.focus();
    }
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
paint();
overview();
for (const node of [byId("theme"), byId("overview"), byId("app"), document.querySelector("nav")]) node.hidden = false;
draw();
reveal();
