/* What is shown of an image, a finding, a registry: in a cell, and in an open row. */

/** A reference with its parts told apart: registry, repository, tag, digest. */
function reference(image) {
  if (image.reference === null && image.repository === null && image.registry === null) {
    return el("span", { class: "ref" }, el("b", {}, image.path));
  }
  const parts = [image.registry && el("i", {}, `${image.registry}/`), el("b", {}, image.repository ?? "?")];
  if (image.tag !== null || image.reference === null) parts.push(el("span", {}, `:${image.tag ?? "?"}`));
  if (image.digest) parts.push(el("i", {}, `@${image.digest.slice(0, 19)}\u2026`));
  return el("span", { class: "ref" }, parts);
}

function tally(findings) {
  if (!findings.length)
    return el("span", { class: "none" }, el("span", { "aria-hidden": "true" }, "\u2013"), el("span", { class: "unseen" }, "none"));
  const kinds = Object.keys(SEVERITY).map((kind) => [kind, findings.filter((finding) => finding.severity === kind).length]);
  return kinds
    .filter(([, count]) => count)
    .map(([kind, count]) => el("span", { class: `tally ${kind}` }, icon(kind), number(count), el("span", { class: "unseen" }, ` ${kind}`)));
}

const place = (at) => `${at.file}:${at.line}:${at.column}`;
// A path breaks behind its slashes.
const where = (text) =>
  el(
    "span",
    { class: "at" },
    text.split(/(?<=\/)/).flatMap((part) => [part, el("wbr")]),
  );
const link = (change, ...children) => el("a", { href: address({ ...blank(), ...change }) }, children);
const imageLink = (image) => link({ view: "images", image: image.id }, reference(image.first));

const ratio = (part, whole) => (whole ? (100 * part) / whole : 0);

/** Some is not none, and nearly all is not all. */
function percent(part, whole) {
  const share = ratio(part, whole);
  return part && share < 1 ? "<1%" : part < whole && share > 99 ? ">99%" : `${Math.round(share)}%`;
}

function share(part, whole) {
  const fill = el("span", { class: "fill" });
  fill.style.width = `${ratio(part, whole)}%`;
  return [el("span", { class: "meter", "aria-hidden": "true" }, fill), el("span", { class: "percent" }, percent(part, whole))];
}

function imageDetail(image) {
  const named = (row) =>
    el(
      "li",
      {},
      el("p", { class: "line" }, el("b", {}, row.chart ?? "no chart"), el("code", {}, row.path), where(place(row))),
      row.state !== "literal" && el("p", { class: "dim" }, `Written as ${row.idiom}, ${row.state}.`),
      row.used_by.length
        ? limited(
            row.used_by,
            50,
            (use) =>
              el(
                "li",
                {},
                el("span", {}, use.workload ?? "Object of unknown kind"),
                use.container ? [" container ", el("b", {}, use.container)] : el("code", {}, use.key),
                where(use.place ?? use.template),
              ),
            el("ul", { class: "uses" }),
          )
        : el("p", { class: "dim" }, "No template is known to use it."),
    );
  return [
    el(
      "section",
      {},
      el("h3", {}, `Named ${image.places.length === 1 ? "once" : `${number(image.places.length)} times`}, and used by`),
      limited(image.places, 50, named, el("ul", { class: "named" })),
    ),
    el(
      "section",
      {},
      el("h3", {}, image.findings.length ? counted(image.findings.length, "finding") : "No findings"),
      limited(
        image.findings,
        20,
        (finding) =>
          el(
            "li",
            {},
            badge(finding.severity, SEVERITY),
            link({ view: "findings", finding: finding.id }, prose(finding.message)),
            where(place(finding)),
          ),
        el("ul", { class: "found" }),
      ),
    ),
    image.first.digest && el("p", { class: "full" }, el("code", {}, image.id)),
  ];
}

/** The source around a finding, the marked place in it. */
function snippet(source, label, severity) {
  const pre = el("pre", { tabindex: "0", "aria-label": "Source" });
  let line = source.line;
  const gutter = () => el("span", { class: "gutter", "aria-hidden": "true" }, `${String(line++).padStart(5)} \u2502 `);
  const parts = [
    [source.before, "span"],
    [source.marked, "mark"],
    [source.after, "span"],
  ];
  let text = "";
  pre.append(gutter());
  parts.forEach(([part, name], index) => {
    const lines = part.split(/\r\n|\r|\n/);
    lines.forEach((piece, at) => {
      if (at > 0) {
        if (index === 2 && at === 1) note();
        pre.append("\n", gutter());
        text = "";
      }
      text += piece;
      if (piece || name === "mark") pre.append(el(name, { class: name === "mark" && severity }, piece));
    });
    if (index === 1) text = text.slice(0, text.length - lines.at(-1).length);
  });
  if (!/[\r\n]/.test(source.after)) note();
  function note() {
    if (!label || /[\r\n]/.test(source.marked)) return;
    const before = source.before.split(/\r\n|\r|\n/).at(-1);
    pre.append("\n", el("span", { class: "gutter", "aria-hidden": "true" }, "      \u00b7 "));
    pre.append(before.replace(/[^\t]/g, " "), el("span", { class: `note ${severity}` }, `\u2570\u2500 ${label}`));
  }
  return pre;
}

function findingDetail(finding) {
  const rule = data.rules[finding.rule];
  const others = [...finding.labels, ...(finding.related ?? [])];
  const flag = finding.fix && (finding.fix.applicability === "safe" ? "--fix" : "--fix --unsafe");
  return [
    el(
      "section",
      {},
      finding.source && snippet(finding.source, finding.label, finding.severity),
      finding.help && el("p", {}, el("b", {}, "Help: "), prose(finding.help)),
      finding.fix && el("p", {}, el("b", {}, "Fix: "), prose(finding.fix.title), " with ", el("code", {}, `chartpin lint ${flag}`)),
      others.length > 0 && limited(others, 20, (other) => el("li", {}, prose(other.text), " ", where(place(other))), el("ul", { class: "plain" })),
    ),
    el(
      "section",
      {},
      el(
        "p",
        {},
        el("b", {}, "Rule: "),
        el("a", { href: rule.url, rel: "noreferrer" }, finding.rule),
        rule.summary && [". ", prose(rule.summary), "."],
      ),
      finding.path && el("p", {}, el("b", {}, "Key: "), el("code", {}, finding.path)),
      finding.images.length > 0 && [
        el("h3", {}, "Images"),
        limited(finding.images, 10, (image) => el("li", {}, imageLink(image)), el("ul", { class: "plain" })),
      ],
      el("p", {}, link({ view: "findings", finding: finding.id }, "Link to this finding")),
    ),
  ];
}

const registryDetail = (registry) => [
  el(
    "section",
    {},
    el("p", {}, link({ view: "images", registry: registry.id }, `Show its ${counted(registry.images.length, "image")}`)),
    limited(registry.images, 20, (image) => el("li", {}, imageLink(image), " ", badge(image.pinning, PINNING)), el("ul", { class: "plain" })),
  ),
];

const disagreementDetail = (repository) => [
  el(
    "section",
    {},
    repository.tags.map((tag) => {
      const members = repository.images.filter((image) => tagOf(image) === tag);
      const places = members.flatMap((image) => image.places);
      return el(
        "div",
        { class: "tagged" },
        members.map((image) => el("h3", {}, imageLink(image))),
        limited(
          places,
          20,
          (row) => el("li", {}, el("b", {}, row.chart ?? "no chart"), " ", el("code", {}, row.path), " ", where(place(row))),
          el("ul", { class: "plain" }),
        ),
      );
    }),
  ),
];

/** Some names, and how many more there are. */
