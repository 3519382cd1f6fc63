/* What the page's data says: identical references together, registries, repositories with several tags. */

const data = JSON.parse(document.getElementById("data").textContent);

const PINNING = { pinned: "Pinned", tag: "Tag only", floating: "Floating", incomplete: "Incomplete" };
const SEVERITY = { error: "Error", warning: "Warning", info: "Info" };
const RANK = { error: 3, warning: 2, info: 1 };
const DOCKER_HUB = "docker.io";

const unique = (values) => [...new Set(values)];
const worst = (findings) => findings.reduce((most, finding) => Math.max(most, RANK[finding.severity]), 0);

data.findings.forEach((finding, index) => {
  finding.index = index;
  finding.images = [];
});

/** The reference, or its known parts; an image of which nothing is known is one for each place. */
function nameOf(image) {
  if (image.reference === null && image.repository === null && image.registry === null) return `${image.path} (${image.file})`;
  const registry = image.registry ? `${image.registry}/` : "";
  const digest = image.digest ? `@${image.digest}` : "";
  return image.reference ?? `${registry}${image.repository ?? "?"}:${image.tag ?? "?"}${digest}`;
}

const registryOf = (image) => image.registry ?? (image.reference === null ? "not known" : DOCKER_HUB);

/** The repository as registries know it: what is left out is Docker Hub's. */
function repositoryOf(image) {
  const registry = registryOf(image);
  const official = registry === DOCKER_HUB && !image.repository.includes("/");
  return `${registry}/${official ? "library/" : ""}${image.repository}`;
}

/** Identical references, across charts. */
function groups() {
  const found = new Map();
  for (const image of data.images) {
    const name = nameOf(image);
    const key = `${image.reference === null ? "?" : ""}${name}`;
    let group = found.get(key);
    if (!group) found.set(key, (group = { id: name, key, first: image, places: [], pinning: image.pinning }));
    group.places.push(image);
    if (image.pinning === "floating") group.pinning = "floating";
  }
  for (const group of found.values()) {
    const numbers = unique(group.places.flatMap((image) => image.findings)).sort((a, b) => a - b);
    group.findings = numbers.map((index) => data.findings[index]);
    for (const finding of group.findings) finding.images.push(group);
    group.charts = unique(group.places.map((image) => image.chart).filter(Boolean));
    group.registry = registryOf(group.first);
    group.uses = group.places.reduce((sum, image) => sum + image.used_by.length, 0);
    const words = [group.id, group.pinning, group.charts];
    for (const image of group.places) {
      words.push(image.file, image.path);
      for (const use of image.used_by) words.push(use.workload, use.container, use.template);
    }
    for (const finding of group.findings) words.push(finding.rule);
    group.text = unique(words.flat()).join("\n").toLowerCase();
    group.facets = {
      state: [group.pinning],
      registry: [group.registry],
      chart: group.charts,
      severity: severities(group.findings),
      rule: unique(group.findings.map((finding) => finding.rule)),
    };
  }
  return [...found.values()];
}

function severities(findings) {
  return findings.length ? unique(findings.map((finding) => finding.severity)) : ["none"];
}

/** What several images have together. */
function joined(images) {
  const all = (name) => unique(images.flatMap((image) => image.facets[name]));
  return { state: all("state"), registry: all("registry"), chart: all("chart"), severity: all("severity"), rule: all("rule") };
}

function gathered(images, key, make) {
  const found = new Map();
  for (const image of images) {
    const name = key(image);
    if (name === null) continue;
    if (!found.has(name)) found.set(name, []);
    found.get(name).push(image);
  }
  return [...found].map(([id, members]) => {
    const findings = unique(members.flatMap((image) => image.findings));
    const text = [id, ...members.map((image) => image.id), ...unique(members.flatMap((image) => image.charts))];
    return { id, images: members, findings, facets: joined(members), text: text.join("\n").toLowerCase(), ...make(members) };
  });
}

const images = groups();
for (const finding of data.findings) {
  const facets = joined(finding.images);
  const chart = finding.chart ? [finding.chart] : facets.chart;
  finding.charts = chart;
  finding.facets = { ...facets, chart, severity: [finding.severity], rule: [finding.rule] };
  const words = [finding.message, finding.rule, finding.severity, finding.help, finding.file, finding.path, chart];
  finding.text = [...words.flat(), ...finding.images.map((image) => image.id)].join("\n").toLowerCase();
}
const registries = gathered(
  images,
  (image) => image.registry,
  (members) => ({
    pinned: members.filter((image) => image.pinning === "pinned").length,
    charts: unique(members.flatMap((image) => image.charts)),
  }),
);
const tagOf = (image) => image.first.tag ?? "no tag";
const disagreements = gathered(
  images,
  (image) => (image.first.reference === null ? null : repositoryOf(image.first)),
  (members) => ({
    tags: unique(members.map(tagOf)),
    charts: unique(members.flatMap((image) => image.charts)),
  }),
).filter((repository) => repository.tags.length > 1);
