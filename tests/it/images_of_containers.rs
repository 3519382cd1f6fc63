//! Images that no key of the values tells of: templates put values into containers, whole or in parts, for each item, merged, chosen. What is
//! said of each was compared with what Helm renders.

use serde_json::Value;

use crate::support::Sandbox;

const CHART: &str = "apiVersion: v2\nname: demo\nversion: 0.1.0\nappVersion: \"4.5.6\"\n";

/// A chart whose one pod has these containers.
fn chart(values: &str, containers: &str) -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("demo/Chart.yaml", CHART);
    sandbox.write("demo/values.yaml", values);
    sandbox.write(
        "demo/templates/pod.yaml",
        format!("apiVersion: v1\nkind: Pod\nmetadata:\n  name: demo\nspec:\n  containers:\n{containers}"),
    );
    sandbox
}

/// A container with this image.
fn container(image: &str) -> String {
    format!("    - name: a\n      image: {image}\n      imagePullPolicy: Always\n")
}

fn report(sandbox: &Sandbox) -> Value {
    let out = sandbox.run(&["images", "--used-by", "--format", "json", "demo"]);
    serde_json::from_str(&out.stdout).unwrap_or_else(|_| panic!("{}{}", out.stdout, out.stderr))
}

/// Each image that a container gets: its file without folder, its key, its reference and its state.
fn images(sandbox: &Sandbox) -> Vec<String> {
    let report = report(sandbox);
    let images = report["images"].as_array().unwrap().iter();
    images
        .map(|image| {
            let text = |key: &str| image[key].as_str().unwrap_or("?").to_owned();
            let file = text("file");
            let file = file.rsplit('/').next().unwrap();
            format!("{file} {} {} {}", text("path"), text("reference"), text("state"))
        })
        .collect()
}

fn rules(sandbox: &Sandbox, rule: &str) -> Vec<String> {
    let out = sandbox.run(&["lint", "--format", "json", "--only", rule, "demo"]);
    let report: Value = serde_json::from_str(&out.stdout).unwrap_or_else(|_| panic!("{}{}", out.stdout, out.stderr));
    let found = report["findings"].as_array().unwrap().iter();
    found
        .map(|finding| finding["message"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn what_range_goes_through_is_found_item_by_item() {
    let values = "jobs:\n  one:\n    use: busybox:1.36\n  two:\n    on: 1\n  three:\n    use: main\n    kind: branch\n\
                  fallback: alpine:3\nwhole:\n  web: nginx\n  db: quay.io/org/db:2\nlist:\n  - redis\n  - quay.io/org/b:2\n";
    let containers = "{{- range $name, $job := .Values.jobs }}\n{{- if ne (default \"image\" $job.kind) \"branch\" }}\n\
                      \x20   - name: {{ $name }}\n      image: {{ $job.use | default $.Values.fallback }}\n{{- end }}\n{{- end }}\n\
                      {{- range $name, $image := .Values.whole }}\n    - name: {{ $name }}\n      image: {{ $image | quote }}\n{{- end }}\n\
                      {{- range .Values.list }}\n    - name: x\n      image: {{ . }}\n{{- end }}\n";
    let sandbox = chart(values, containers);
    sandbox.write(
        "demo/values-prod.yaml",
        "jobs:\n  two:\n    use: nginx:2\nwhole:\n  db: null\n",
    );
    let expected = [
        "values-prod.yaml jobs.two.use nginx:2 literal",
        "values.yaml jobs.one.use busybox:1.36 literal",
        "values.yaml fallback alpine:3 literal",
        "values.yaml whole.web nginx literal",
        "values.yaml whole.db quay.io/org/db:2 literal",
        "values.yaml list[0] redis literal",
        "values.yaml list[1] quay.io/org/b:2 literal",
    ];
    assert_eq!(images(&sandbox), expected);
}

#[test]
fn an_item_that_the_templates_pick_is_not_taken_for_all_of_them() {
    let values = "which: web\nall:\n  web: nginx\n  pullPolicy: Always\nlist:\n  - redis\n  - Always\nkeyed:\n  web: nginx:1\n  mode: fast\n";
    let containers = container("{{ index .Values.all .Values.which }}")
        + &container("{{ first .Values.list }}")
        + "{{- range $key, $value := .Values.keyed }}\n{{- if eq $key \"web\" }}\n"
        + &container("{{ $value }}")
        + "{{- end }}\n{{- end }}\n";
    let sandbox = chart(values, &containers);
    assert_eq!(images(&sandbox), ["values.yaml keyed.web nginx:1 literal"]);
    // What the values are made of in a way that cannot be told is said to be unknown.
    let report = report(&sandbox);
    let lines = ["demo/templates/pod.yaml:8", "demo/templates/pod.yaml:11"];
    for line in lines {
        let unfollowed = report["unfollowed"].as_array().unwrap();
        assert!(unfollowed.iter().any(|place| place == line), "{unfollowed:?}");
    }
}

#[test]
fn an_image_is_found_in_parts_whatever_their_keys_are_called() {
    let values = "app:\n  repo: quay.io/org/app\n  version: 1.2.3\n  old: \"1.0\"\nhub: ghcr.io/org\nside: web\nbare:\n  image: nginx\n\
                  api: quay.io/org/api\nworker: quay.io/org/worker\nrelease: v7\nname: web\n";
    let containers = container("{{ .Values.app.repo }}:{{ .Values.app.version }}")
        + &container("\"{{ .Values.hub }}/{{ .Values.side }}:1\"")
        + &container("{{ .Values.bare.image }}:{{ .Chart.AppVersion }}")
        + &container("{{ printf \"%s:%s\" .Values.api .Values.release }}")
        + &container("{{ .Values.worker }}:{{ .Values.release }}-debug")
        + &container("quay.io/org/{{ .Values.name }}:1");
    let sandbox = chart(values, &containers);
    sandbox.write("demo/values-prod.yaml", "app:\n  version: 2.0.0\n");
    let expected = [
        "values-prod.yaml app.version quay.io/org/app:2.0.0 fragment",
        "values.yaml app.repo quay.io/org/app:1.2.3 literal",
        "values.yaml side ghcr.io/org/web:1 literal",
        "values.yaml bare.image nginx:4.5.6 literal",
        "values.yaml api quay.io/org/api:v7 literal",
        "values.yaml worker quay.io/org/worker:v7-debug literal",
    ];
    assert_eq!(images(&sandbox), expected);
    // The last one is put together from text of the template: no value is the image.
    assert_eq!(
        report(&sandbox)["unfollowed"],
        serde_json::json!(["demo/templates/pod.yaml:23"])
    );
}

#[test]
fn merge_takes_what_says_something_and_merge_overwrite_what_is_there() {
    let values = "base:\n  repository: quay.io/org/base\n  tag: \"1\"\nover:\n  tag: \"\"\nempty: {}\n";
    let image = |expression: &str| {
        container(&format!(
            "{{{{ $m := {expression} }}}}{{{{ $m.repository }}}}:{{{{ $m.tag }}}}"
        ))
    };
    let cases = [
        ("merge (dict) .Values.over .Values.base", "quay.io/org/base:1 literal"),
        (
            "merge (deepCopy (.Values.nope | default dict)) .Values.base",
            "quay.io/org/base:1 literal",
        ),
        (
            "mergeOverwrite (deepCopy .Values.base) (.Values.empty | default dict) (dict \"tag\" \"2\")",
            "quay.io/org/base:2 literal",
        ),
        (
            "set (mergeOverwrite (dict \"tag\" \"x\") .Values.base) \"tag\" \"3\"",
            "quay.io/org/base:3 literal",
        ),
        (
            "merge (set (dict) \"tag\" \"\") .Values.base",
            "quay.io/org/base:1 literal",
        ),
    ];
    for (expression, expected) in cases {
        let sandbox = chart(values, &image(expression));
        let expected = format!("values.yaml base {expected}");
        assert!(
            images(&sandbox).contains(&expected),
            "{expression}: {:?}",
            images(&sandbox)
        );
        assert_eq!(rules(&sandbox, "undefined-image-key"), [""; 0], "{expression}");
    }
    // An empty text that is laid over a tag is the tag.
    let sandbox = chart(values, &image("mergeOverwrite (deepCopy .Values.base) .Values.over"));
    let asserted = images(&sandbox);
    assert!(
        !asserted.iter().any(|image| image.contains("base:1 literal")),
        "{asserted:?}"
    );
}

#[test]
fn a_container_that_takes_the_name_alone_gets_no_tag() {
    let values = "image:\n  name: quay.io/org/app\n  tag: 1.2.3\n";
    let sandbox = chart(values, &container("{{ .Values.image.name }}"));
    assert_eq!(images(&sandbox), ["values.yaml image quay.io/org/app literal"]);
    assert_eq!(rules(&sandbox, "latest-tag").len(), 1);
}

#[test]
fn what_the_values_are_is_asked_as_helm_asks_it() {
    let values = "image: nginx\none: busybox:1\ntwo: busybox:2\nmode: x\n";
    let by_type =
        "{{ if typeIs \"string\" .Values.image }}{{ .Values.image }}{{ else }}{{ .Values.image.repository }}{{ end }}";
    let sandbox = chart(values, &container(by_type));
    assert_eq!(images(&sandbox), ["values.yaml image nginx literal"]);
    let left =
        "{{ if empty (without (list \"x\") .Values.mode) }}{{ .Values.one }}{{ else }}{{ .Values.two }}{{ end }}";
    let sandbox = chart(values, &container(left));
    assert_eq!(images(&sandbox), [""; 0]);
    assert_eq!(report(&sandbox)["unknown"], 1);
}

#[test]
fn containers_that_are_made_as_dictionaries_have_images() {
    let values = "agent: quay.io/org/agent:1\n";
    let made = "    {{- toYaml (list (dict \"name\" \"a\" \"image\" .Values.agent)) | nindent 4 }}\n";
    let sandbox = chart(values, made);
    assert_eq!(images(&sandbox), ["values.yaml agent quay.io/org/agent:1 literal"]);
}

#[test]
fn containers_that_are_written_out_whole_have_images() {
    let values = "sidecars:\n  - name: s\n    image: nginx\n    env:\n      - name: x\n        image: word\none:\n  name: x\n  image: alpine\n\
                  other:\n  - name: y\n    image: redis\n";
    let written = "    - {{- toYaml .Values.one | nindent 6 }}\n    {{- with .Values.sidecars }}\n    {{- toYaml . | nindent 4 }}\n    {{- end }}\n";
    let sandbox = chart(values, written);
    sandbox.write("demo/values-prod.yaml", "sidecars:\n  - name: z\n    image: busybox\n");
    let expected = [
        "values-prod.yaml sidecars[0].image busybox literal",
        "values.yaml sidecars[0].image nginx literal",
        "values.yaml one.image alpine literal",
    ];
    assert_eq!(images(&sandbox), expected);
}

#[test]
fn containers_in_flow_style_have_images() {
    let values = "agent: redis\nside: busybox\nweb: {repository: quay.io/org/web, tag: \"1.2\"}\n";
    let containers = "    - {name: a, image: {{ .Values.agent | quote }}, ports: [{containerPort: 80}]} # {{ .Values.web }}\n  \
                      initContainers: [{name: b, image: '{{ .Values.side }}'}, {\"name\":\"c\",\"image\":\"quay.io/org/c:1\"}]\n---\n\
                      apiVersion: v1\nkind: Pod\nmetadata: {name: d, labels: {app: d, version: {{ .Values.web.tag | quote }}}}\n\
                      spec: {containers: [{name: d, image: \"{{ .Values.web.repository }}:{{ .Values.web.tag }}\"}]}\n";
    let sandbox = chart(values, containers);
    let expected = [
        "pod.yaml spec.initContainers.image quay.io/org/c:1 literal",
        "values.yaml agent redis literal",
        "values.yaml side busybox literal",
        "values.yaml web quay.io/org/web:1.2 literal",
    ];
    assert_eq!(images(&sandbox), expected);
    let message = "the tag also lands in the label `version`, which holds no digest: the image cannot be pinned";
    assert_eq!(rules(&sandbox, "tag-in-label"), [message]);
}

#[test]
fn an_anchor_stands_before_an_image_and_an_alias_for_it() {
    let values = "agent: redis\nweb: nginx\n";
    let containers =
        container("&one {{ .Values.agent }}") + &container("*one") + &container("&two !!str {{ .Values.web | quote }}");
    let sandbox = chart(values, &containers);
    assert_eq!(
        images(&sandbox),
        ["values.yaml agent redis literal", "values.yaml web nginx literal"]
    );
    assert_eq!(rules(&sandbox, "invalid-reference"), [""; 0]);
}

#[test]
fn a_manifest_within_a_text_is_no_document_and_has_no_containers() {
    let sandbox = chart("agent: quay.io/org/agent:1\n", &container("{{ .Values.agent }}"));
    let manifest = "    {{/*/// A manifest for others. ///*/}}\n    ---\n    kind: Pod\n    spec:\n      containers:\n        - image: busybox\n";
    sandbox.write(
        "demo/templates/manifest.yaml",
        format!("kind: ConfigMap\ndata:\n  pod.yaml: |\n{manifest}"),
    );
    assert_eq!(images(&sandbox), ["values.yaml agent quay.io/org/agent:1 literal"]);
    assert_eq!(rules(&sandbox, "invalid-template"), [""; 0]);
}

#[test]
fn a_subchart_is_called_by_its_alias() {
    let sandbox = chart("web:\n  image:\n    tag: \"1\"\n", "    []\n");
    let dependency = "dependencies:\n  - {name: sub, alias: web, version: 0.1.0}\n";
    sandbox.write("demo/Chart.yaml", format!("{CHART}{dependency}"));
    sandbox.write(
        "demo/charts/sub/Chart.yaml",
        "apiVersion: v2\nname: sub\nversion: 0.1.0\n",
    );
    let image = "quay.io/org/{{ .Chart.Name }}:{{ .Values.image.tag }}";
    sandbox.write(
        "demo/charts/sub/templates/pod.yaml",
        format!("kind: Pod\nspec:\n  containers:\n{}", container(image)),
    );
    assert_eq!(
        images(&sandbox),
        ["values.yaml web.image.tag quay.io/org/web:1 literal"]
    );
}

#[test]
fn helpers_that_call_each_other_in_a_circle_keep_what_one_of_them_prints() {
    let values = "web:\n  image: quay.io/org/web:1\n";
    let containers = container("{{ include \"first\" . }}") + &container("{{ include \"second\" . }}");
    let sandbox = chart(values, &containers);
    let helpers = "{{- define \"first\" }}{{ if .Values.deep }}{{ include \"second\" . }}{{ end }}{{ include \"third\" . }}{{ end }}\n\
                   {{- define \"second\" }}{{ include \"first\" . }}{{ end }}\n{{- define \"third\" }}{{ .Values.web.image }}{{ end }}\n";
    sandbox.write("demo/templates/_helpers.tpl", helpers);
    let report = report(&sandbox);
    let uses = report["images"][0]["used_by"].as_array().unwrap().iter();
    let places: Vec<&str> = uses.map(|use_| use_["place"].as_str().unwrap()).collect();
    assert_eq!(places, ["demo/templates/pod.yaml:8", "demo/templates/pod.yaml:11"]);
}

#[test]
fn what_an_override_turns_on_is_found_in_the_defaults() {
    let values = "debug: false\ntools: busybox:1\nplain: alpine:3\n";
    let image = "{{ if .Values.debug }}{{ .Values.tools }}{{ else }}{{ .Values.plain }}{{ end }}";
    let sandbox = chart(values, &container(image));
    assert_eq!(images(&sandbox), ["values.yaml plain alpine:3 literal"]);
    sandbox.write("demo/values-debug.yaml", "debug: true\n");
    let expected = [
        "values.yaml tools busybox:1 literal",
        "values.yaml plain alpine:3 literal",
    ];
    assert_eq!(images(&sandbox), expected);
}

#[test]
fn an_image_that_gives_way_to_another_does_not_get_the_name_of_that() {
    let values = "one:\n  image: quay.io/org/one:1\ntwo:\n  image: quay.io/org/two:2\nthree:\n  image:\n    repository: quay.io/org/three\n    tag: \"3\"\n";
    let image = "{{ .Values.one.image | default .Values.two.image | default (printf \"%s:%s\" .Values.three.image.repository .Values.three.image.tag) }}";
    let sandbox = chart(values, &container(image));
    let expected = [
        "values.yaml one.image quay.io/org/one:1 literal",
        "values.yaml two.image quay.io/org/two:2 literal",
        "values.yaml three.image quay.io/org/three:3 literal",
    ];
    assert_eq!(images(&sandbox), expected);
}

#[test]
fn what_aliases_stand_for_is_not_called_unused() {
    let values = "common: &common\n  repository: quay.io/org/app\n  tag: \"1\"\napp:\n  image: *common\nother:\n  image:\n    repository: quay.io/org/other\n    tag: \"1\"\n";
    let sandbox = chart(
        values,
        &container("{{ .Values.app.image.repository }}:{{ .Values.app.image.tag }}"),
    );
    assert_eq!(
        rules(&sandbox, "unused-image-key"),
        ["no template of the chart reads `other.image`"]
    );
}

#[test]
fn a_text_of_the_values_that_is_no_reference_is_said_to_be_none() {
    let values = "image: quay.io/Org/app:1\nother:\n  image:\n    repository: quay.io/Org/tool\n    tag: \"2\"\n";
    let containers = container("{{ .Values.image }}")
        + &container("\"{{ .Values.other.image.repository }}:{{ .Values.other.image.tag }}\"");
    let found = rules(&chart(values, &containers), "invalid-reference");
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(
        found[0].contains("`quay.io/Org/app:1`") && found[1].contains("`quay.io/Org/tool:2`"),
        "{found:?}"
    );
}

#[test]
fn a_tag_that_a_digest_takes_the_place_of_stays_known() {
    let digest = format!("sha256:{}", "d".repeat(64));
    let values = format!("image:\n  repository: quay.io/org/app\n  tag: \"1\"\n  digest: \"{digest}\"\n");
    let containers = container(
        "{{ if .Values.image.digest }}{{ .Values.image.repository }}@{{ .Values.image.digest }}{{ else }}{{ .Values.image.repository }}:{{ .Values.image.tag }}{{ end }}",
    );
    let sandbox = chart(&values, &containers);
    let expected = format!("values.yaml image quay.io/org/app:1@{digest} literal");
    assert_eq!(images(&sandbox), [expected]);
    let out = sandbox.run(&["unpin", "--write", "demo"]);
    assert_eq!(out.code, 0, "{}", out.stderr);
    assert_eq!(sandbox.read("demo/values.yaml"), values.replace(&digest, ""));
}
