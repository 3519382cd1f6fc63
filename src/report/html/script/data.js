/* What the page's data says: the places of one image together, registries, repositories with several tags. */

const data = JSON.parse(byId("data").textContent);

const PINNING = { pinned: "Pinned", tag: "Tag only", floating: "Floating", incomplete: "Incomplete" };
const SEVERITY = { error: "Error", warning: "Warning", info: "Info" };
const NOT_KNOWN = "not known";

const unique = (values) => [...new Set(values)];
const all = (items, name) => unique(items.flatMap((item) => item[name]));
const rank = (severity) => 3 - Object.keys(SEVERITY).indexOf(severity);
const worst = (findings) => findings.reduce((most, finding) => Math.max(most, rank(finding.severity)), 0);
/** Text in which either case of a letter, and either way to write an accent, is the same. */
const comparable = (text) => text.toLowerCase().normalize();
const searchable = (...words) => comparable(unique(words.flat(Infinity)).join("\n"));
const place = (at) => `${at.file}:${at.line}:${at.column}`;

data.findings.forEach((finding, index) => Object.assign(finding, { index, images: [] }));
for (const prefix of data.prefixes) prefix.images = [];

/** The places that name one image, across charts. */
const images = [...Map.groupBy(data.images, ({ name, gap }) => (gap ? "?" : "") + name.join(""))].map(([id, places]) => {
  const [{ name, gap }] = places;
  const uses = places.flatMap((place) => place.used_by);
  const prefixes = unique(places.flatMap((place) => place.prefixes ?? [])).map((index) => data.prefixes[index]);
  const findings = all(places, "findings").sort((a, b) => a - b).map((index) => data.findings[index]);
  const charts = all(places, "chart").filter(Boolean);
  const pinning = (places.find((place) => place.pinning === "floating") ?? places[0]).pinning;
  const registry = name[0].slice(0, -1) || NOT_KNOWN;
  const image = { id, name, title: name.join(""), isWhole: !gap, places, uses: uses.length, findings, charts, pinning, registry };
  for (const one of [...findings, ...prefixes]) one.images.push(image);
  image.text = searchable(
    [image.title, pinning, charts, all(findings, "rule"), all(prefixes, "path")],
    places.map((place) => [place.file, place.path, place.reference]),
    uses.map((use) => [use.workload, use.container, use.template]),
  );
  image.facets = {
    state: [pinning],
    registry: [registry],
    chart: charts,
    severity: findings.length ? all(findings, "severity") : ["none"],
    rule: all(findings, "rule"),
  };
  return image;
});

/** What several images have together. */
function together(id, images, more) {
  const facets = images.map((image) => image.facets);
  return {
    id,
    images,
    findings: all(images, "findings"),
    charts: all(images, "charts"),
    facets: Object.fromEntries(Object.keys(FILTERS).map((name) => [name, all(facets, name)])),
    text: searchable(id, all(images, "title"), all(images, "charts")),
    ...more,
  };
}
const gathered = (images, key, more) => [...Map.groupBy(images, key)].map(([id, members]) => together(id, members, more(members)));

const FILTERS = {
  state: { title: "State", any: "Any state", options: Object.entries(PINNING) },
  registry: { title: "Registry", any: "Any registry" },
  chart: { title: "Chart", any: "Any chart" },
  severity: { title: "Severity", any: "Any severity", options: [...Object.entries(SEVERITY), ["none", "No findings"]] },
  rule: { title: "Rule", any: "Any rule", options: Object.keys(data.rules).map((rule) => [rule, rule]) },
};

const findings = data.findings.map((finding) => {
  const { facets, charts } = together(finding.id, finding.images);
  const chart = finding.chart ? [finding.chart] : charts;
  const text = searchable(finding.message, finding.rule, finding.severity, finding.help, finding.file, finding.path, chart, all(finding.images, "title"));
  return Object.assign(finding, { text, facets: { ...facets, chart, severity: [finding.severity], rule: [finding.rule] } });
});
const wholeOf = (images) => images.filter((image) => image.isWhole);
const registries = gathered(
  images.filter((image) => image.registry !== NOT_KNOWN),
  (image) => image.registry,
  (members) => ({ whole: wholeOf(members).length, pinned: members.filter((image) => image.pinning === "pinned").length }),
);
const tagOf = (image) => image.name[2].slice(1) || "no tag";
const disagreements = gathered(
  wholeOf(images),
  ({ name }) => name[0] + name[1],
  (members) => ({ tags: unique(members.map(tagOf)) }),
).filter((repository) => repository.tags.length > 1);
const keys = data.prefixes.map((row) => {
  const key = together(`${row.path} (${row.file})`, row.images, { row, findings: row.findings.map((index) => data.findings[index]) });
  key.charts = unique([row.chart, ...key.charts].filter(Boolean));
  key.facets.chart = key.charts;
  key.text += `\n${searchable(row.registry, key.charts)}`;
  return key;
});

const choices = (values) => unique(values).sort().map((value) => [value, value]);
FILTERS.registry.options = choices(images.map((image) => image.registry));
FILTERS.chart.options = choices([...images, ...findings, ...keys].flatMap((item) => item.facets.chart));
