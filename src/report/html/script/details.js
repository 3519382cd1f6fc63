/* What is shown of an image, a finding, a registry: in a cell, and in an open row. */

const strong = (text) => el("span.ref", el("b", text));

/** An image with its parts told apart; of a digest, enough to know it by. */
function reference({ name: [registry, repository, tag, rest] }) {
  const end = rest.startsWith("@") ? `${rest.slice(0, 20)}\u2026` : rest;
  return el("span.ref", registry && el("i", registry), el("b", repository), tag, end && el("i", end));
}

function tally(findings) {
  if (!findings.length) return el("span.none", el("span", { "aria-hidden": "true" }, "\u2013"), el("span.unseen", "none"));
  return [...Map.groupBy(findings, (finding) => finding.severity)]
    .sort(([a], [b]) => rank(b) - rank(a))
    .map(([kind, members]) => el(`span.tally.${kind}`, icon(kind), number(members.length), el("span.unseen", ` ${kind}`)));
}

// A path breaks behind its slashes.
const where = (text) => el("span.at", text.split(/(?<=\/)/).map((part) => [part, el("wbr")]));
const link = (change, ...children) => el("a", { href: address({ ...blank(), ...change }) }, children);
const imageLink = (image) => link({ view: "images", image: image.id }, reference(image));
const imageList = (images) => limited("plain", 20, images, (image) => [imageLink(image), " ", badge(image.pinning, PINNING)]);

const ratio = (part, whole) => (whole ? (100 * part) / whole : 0);

/** Some is not none, and nearly all is not all. */
function percent(part, whole) {
  const share = ratio(part, whole);
  return part && share < 1 ? "<1%" : part < whole && share > 99 ? ">99%" : `${Math.round(share)}%`;
}

function share(part, whole) {
  const fill = el("span.fill");
  fill.style.width = `${ratio(part, whole)}%`;
  return [el("span.meter", { "aria-hidden": "true" }, fill), el("span.percent", percent(part, whole))];
}

const findingList = (findings) =>
  el(
    "section",
    el("h3", findings.length ? counted(findings.length, "finding") : "No findings"),
    limited("found", 20, findings, (finding) => [
      badge(finding.severity, SEVERITY),
      link({ view: "findings", finding: finding.id }, prose(finding.message)),
      where(place(finding)),
    ]),
  );

const useList = (uses) =>
  limited("uses", 50, uses, (use) => [
    el("span", use.workload ?? "Object of unknown kind"),
    use.container ? [" container ", el("b", use.container)] : el("code", use.key),
    where(use.place ?? use.template),
  ]);

const line = (row) => el("p.line", el("b", row.chart ?? "no chart"), el("code", row.path), where(place(row)));

/** A place that names an image: how it is written there, and who uses it. */
const named = (image) => (row) => [
  line(row),
  row.reference && row.reference !== image.title && el("p.dim", "Spelled ", el("code", row.reference)),
  (row.gap || row.state !== "literal") && el("p.dim", prose(`Written as ${row.idiom}, ${row.state}${row.gap ? `: ${row.gap}` : ""}.`)),
  (row.prefixes ?? []).map((index) => el("p.dim", "Its registry can be set by ", link({ view: "keys", open: keys[index].id }, keys[index].row.path))),
  row.used_by.length ? useList(row.used_by) : el("p.dim", "No template is known to use it."),
];

const imageDetail = (image) => [
  el(
    "section",
    el("h3", `Named ${image.places.length === 1 ? "once" : `${number(image.places.length)} times`}, and used by`),
    limited("named", 50, image.places, named(image)),
  ),
  findingList(image.findings),
  image.name[3].startsWith("@") && el("p.full", el("code", image.title)),
];

/** The source around a finding, the marked place in it. */
function snippet(source, label, severity) {
  const pre = el("pre", { tabindex: "0", "aria-label": "Source" });
  const [before, marked, [rest, ...after]] = [source.before, source.marked, source.after].map((part) => part.split(/\r\n|\r|\n/));
  let at = source.line;
  const gutter = (text) => el("span.gutter", { "aria-hidden": "true" }, text);
  const start = () => gutter(`${String(at++).padStart(5)} \u2502 `);
  const lines = (kind, pieces) => pieces.map((piece, index) => [index > 0 && ["\n", start()], el(kind, piece)]);
  const note = label && marked.length === 1 && ["\n", gutter("      \u00b7 "), before.at(-1).replace(/[^\t]/g, " "), el(`span.note.${severity}`, `\u2570\u2500 ${label}`)];
  add(pre, [start(), lines("span", before), lines(`mark.${severity}`, marked), rest, note, after.map((text) => ["\n", start(), text])]);
  return pre;
}

function findingDetail(finding) {
  const { fix, source } = finding;
  const rule = data.rules[finding.rule];
  const others = [...finding.labels, ...(finding.related ?? [])];
  const flag = fix?.applicability === "safe" ? "--fix" : "--fix --unsafe";
  const said = (title, ...children) => el("p", el("b", `${title}: `), children);
  return [
    el(
      "section",
      source && snippet(source, finding.label, finding.severity),
      finding.help && said("Help", prose(finding.help)),
      fix && said("Fix", prose(fix.title), " with ", el("code", `chartpin lint ${flag}`)),
      others.length > 0 && limited("plain", 20, others, (other) => [prose(other.text), " ", where(place(other))]),
    ),
    el(
      "section",
      said("Rule", el("a", { href: rule.url, rel: "noreferrer" }, finding.rule), rule.summary && [". ", prose(rule.summary), "."]),
      finding.path && said("Key", el("code", finding.path)),
      finding.images.length > 0 && [el("h3", "Images"), limited("plain", 10, finding.images, imageLink)],
      el("p", link({ view: "findings", finding: finding.id }, "Link to this finding")),
    ),
  ];
}

const registryDetail = (registry) =>
  el(
    "section",
    el("p", link({ view: "images", registry: registry.id }, `Show its ${counted(registry.images.length, "image")}`)),
    imageList(registry.images),
  );

const disagreementDetail = (repository) =>
  el(
    "section",
    [...Map.groupBy(repository.images, tagOf).values()].map((members) =>
      el(
        "div.tagged",
        members.map((image) => el("h3", imageLink(image))),
        limited("plain", 20, members.flatMap((image) => image.places), line),
      ),
    ),
  );

const keyDetail = (key) => [
  el("section", line(key.row), key.images.length ? imageList(key.images) : el("p.dim", "No template is known to join it to an image.")),
  findingList(key.findings),
];
