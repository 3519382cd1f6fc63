/* The four lists with their columns, and the filters that they share. */

const some = (names, limit = 2) => names.slice(0, limit).join(", ") + (names.length > limit ? ` and ${number(names.length - limit)} more` : "");
const count = (key, title, of) => ({ key, title, numeric: true, value: of, draw: (item) => number(of(item)) });

const VIEWS = {
  images: {
    title: "Images",
    noun: ["image", "images"],
    param: "image",
    items: images,
    detail: imageDetail,
    sort: "name",
    empty: "No chart names an image here.",
    columns: [
      { key: "name", title: "Image", value: (image) => image.id, draw: (image) => reference(image.first) },
      { key: "state", title: "State", value: (image) => Object.keys(PINNING).indexOf(image.pinning), draw: (image) => badge(image.pinning, PINNING) },
      {
        key: "charts",
        title: "Charts",
        value: (image) => image.charts.length,
        numeric: true,
        left: true,
        draw: (image) => el("span", { class: "name" }, some(image.charts, 1)),
      },
      count("places", "Places", (image) => image.places.length),
      count("uses", "Uses", (image) => image.uses),
      {
        key: "findings",
        title: "Findings",
        numeric: true,
        value: (image) => worst(image.findings) * 1e6 + image.findings.length,
        draw: (image) => tally(image.findings),
      },
    ],
  },
  findings: {
    title: "Findings",
    noun: ["finding", "findings"],
    param: "finding",
    items: data.findings,
    detail: findingDetail,
    sort: "-severity",
    empty: "No findings.",
    columns: [
      {
        key: "message",
        title: "Finding",
        value: (finding) => finding.message,
        draw: (finding) => el("span", { class: "say" }, prose(finding.message)),
      },
      {
        key: "severity",
        title: "Severity",
        numeric: true,
        value: (finding) => RANK[finding.severity],
        draw: (finding) => badge(finding.severity, SEVERITY),
        left: true,
      },
      { key: "rule", title: "Rule", value: (finding) => finding.rule, draw: (finding) => el("span", { class: "name" }, finding.rule) },
      { key: "place", title: "Place", value: (finding) => finding.index, draw: (finding) => where(place(finding)) },
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
      {
        key: "name",
        title: "Registry",
        value: (registry) => registry.id,
        draw: (registry) => el("span", { class: "ref" }, el("b", {}, registry.id)),
      },
      count("images", "Images", (registry) => registry.images.length),
      {
        key: "share",
        title: "Share",
        numeric: true,
        value: (registry) => registry.images.length,
        draw: (registry) => share(registry.images.length, images.length),
      },
      {
        key: "pinned",
        title: "Pinned",
        numeric: true,
        value: (registry) => registry.pinned / registry.images.length,
        draw: (registry) => share(registry.pinned, registry.images.length),
      },
      count("charts", "Charts", (registry) => registry.charts.length),
      {
        key: "findings",
        title: "Findings",
        numeric: true,
        value: (registry) => worst(registry.findings) * 1e6 + registry.findings.length,
        draw: (registry) => tally(registry.findings),
      },
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
      {
        key: "name",
        title: "Repository",
        value: (repository) => repository.id,
        draw: (repository) => el("span", { class: "ref" }, el("b", {}, repository.id)),
      },
      {
        key: "tags",
        title: "Tags",
        numeric: true,
        value: (repository) => repository.tags.length,
        left: true,
        draw: (repository) => [el("b", {}, number(repository.tags.length)), " ", el("span", { class: "at" }, some(repository.tags))],
      },
      {
        key: "charts",
        title: "Charts",
        numeric: true,
        value: (repository) => repository.charts.length,
        left: true,
        draw: (repository) => [el("b", {}, number(repository.charts.length)), " ", some(repository.charts)],
      },
    ],
  },
};

const options = (values, name) => values.map((value) => [value, name ? name[value] : value]);
const FILTERS = {
  state: { title: "State", any: "Any state", options: options(Object.keys(PINNING), PINNING) },
  registry: { title: "Registry", any: "Any registry", options: options(registries.map((registry) => registry.id).sort()) },
  chart: {
    title: "Chart",
    any: "Any chart",
    options: options(
      unique(
        data.images
          .map((image) => image.chart)
          .concat(data.findings.flatMap((finding) => finding.charts))
          .filter(Boolean),
      ).sort(),
    ),
  },
  severity: { title: "Severity", any: "Any severity", options: [...options(Object.keys(SEVERITY), SEVERITY), ["none", "No findings"]] },
  rule: { title: "Rule", any: "Any rule", options: options(Object.keys(data.rules)) },
};
