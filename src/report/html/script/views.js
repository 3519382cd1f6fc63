/* The lists with their columns. */

/** Some names, and how many more there are. */
const some = (names, limit = 2) => names.slice(0, limit).join(", ") + (names.length > limit ? ` and ${number(names.length - limit)} more` : "");
const counts = (names) => [el("b", number(names.length)), " ", el("span.at", some(names))];

const column = (title, value, draw) => ({ key: title.toLowerCase(), title, value, draw });
/** A column that is sorted from the most to the least first. */
const most = (...said) => ({ ...column(...said), numeric: true });
/** Such a column that shows nothing but figures, at the right. */
const figures = (title, value, draw = (item) => number(value(item))) => ({ ...most(title, value, draw), right: true });
const worstFirst = figures(
  "Findings",
  (item) => worst(item.findings) * 1e6 + item.findings.length,
  (item) => tally(item.findings),
);

const VIEWS = {
  images: {
    title: "Images",
    noun: ["image", "images"],
    param: "image",
    items: images,
    detail: imageDetail,
    sort: "image",
    empty: "No chart names an image here.",
    columns: [
      column("Image", (image) => image.title, reference),
      column("State", (image) => Object.keys(PINNING).indexOf(image.pinning), (image) => badge(image.pinning, PINNING)),
      most("Charts", (image) => image.charts.length, (image) => el("span.name", some(image.charts, 1))),
      figures("Places", (image) => image.places.length),
      figures("Uses", (image) => image.uses),
      worstFirst,
    ],
  },
  findings: {
    title: "Findings",
    noun: ["finding", "findings"],
    param: "finding",
    items: findings,
    detail: findingDetail,
    sort: "-severity",
    empty: "No findings.",
    columns: [
      column("Finding", (finding) => finding.message, (finding) => el("span", prose(finding.message))),
      most("Severity", (finding) => rank(finding.severity), (finding) => badge(finding.severity, SEVERITY)),
      column("Rule", (finding) => finding.rule, (finding) => el("span.name", finding.rule)),
      column("Place", (finding) => finding.index, (finding) => where(place(finding))),
    ],
  },
  registries: {
    title: "Registries",
    noun: ["registry", "registries"],
    param: "open",
    items: registries,
    detail: registryDetail,
    sort: "-images",
    empty: "No registries.",
    columns: [
      column("Registry", (registry) => registry.id, (registry) => strong(registry.id)),
      figures("Images", (registry) => registry.whole),
      figures("Share", (registry) => registry.whole, (registry) => share(registry.whole, wholeOf(images).length)),
      figures("Pinned", (registry) => ratio(registry.pinned, registry.whole), (registry) => share(registry.pinned, registry.whole)),
      figures("Charts", (registry) => registry.charts.length),
      worstFirst,
    ],
  },
  disagreements: {
    title: "Disagreements",
    noun: ["repository with several tags", "repositories with several tags"],
    param: "open",
    items: disagreements,
    detail: disagreementDetail,
    sort: "-tags",
    empty: "Every repository is used with one tag.",
    columns: [
      column("Repository", (repository) => repository.id, (repository) => strong(repository.id)),
      most("Tags", (repository) => repository.tags.length, (repository) => counts(repository.tags)),
      most("Charts", (repository) => repository.charts.length, (repository) => counts(repository.charts)),
    ],
  },
  keys: {
    title: "Registry keys",
    noun: ["key that sets a registry", "keys that set a registry"],
    param: "open",
    items: keys,
    detail: keyDetail,
    sort: "key",
    empty: "No key sets the registry of several images.",
    columns: [
      column("Key", (key) => key.id, (key) => strong(key.row.path)),
      column("Registry", (key) => key.row.registry ?? "", (key) => key.row.registry ?? el("span.dim", "not set")),
      column("Chart", (key) => key.row.chart ?? "", (key) => el("span.name", key.row.chart)),
      figures("Images", (key) => key.images.length),
      worstFirst,
    ],
  },
};

/** Images that are not whole are none of those that are counted. */
const countable = (items) => items.filter((item) => item.isWhole !== false).length;
for (const view of Object.values(VIEWS)) view.whole = countable(view.items);
