{{- /* OpenStack-Helm's library: a list of the root context and the image's key. */ -}}
{{- define "helm-toolkit.snippets.image" -}}
{{- $root := index . 0 -}}
image: {{ index $root.Values.images.tags (index . 1) | quote }}
imagePullPolicy: {{ $root.Values.images.pull_policy | quote }}
{{- end -}}

{{- define "helm-toolkit.snippets.kubernetes_entrypoint_init_container" -}}
{{- $root := index . 0 -}}
- name: init
  image: {{ $root.Values.images.tags.dep_check | quote }}
  imagePullPolicy: {{ $root.Values.images.pull_policy | quote }}
{{- end -}}

{{- define "helm-toolkit.known.job" -}}
{{- $root := index . 0 -}}
kind: Job
spec:
  template:
    spec:
      initContainers:
        - name: init
          image: {{ $root.Values.images.tags.dep_check | quote }}
          imagePullPolicy: {{ $root.Values.images.pull_policy | quote }}
      containers:
        - name: job
          image: {{ index $root.Values.images.tags (index . 1) | quote }}
          imagePullPolicy: {{ $root.Values.images.pull_policy | quote }}
{{- end -}}

{{- define "helm-toolkit.manifests.job_bootstrap" -}}
{{ tuple .envAll "bootstrap" | include "helm-toolkit.known.job" }}
{{- end -}}

{{- define "helm-toolkit.manifests.job_db_init_mysql" -}}
{{ tuple .envAll "db_init" | include "helm-toolkit.known.job" }}
{{- end -}}

{{- define "helm-toolkit.manifests.job_db_sync" -}}
{{ tuple .envAll (printf "%s_db_sync" .serviceName) | include "helm-toolkit.known.job" }}
{{- end -}}

{{- define "helm-toolkit.manifests.job_db_drop_mysql" -}}
{{ tuple .envAll "db_drop" | include "helm-toolkit.known.job" }}
{{- end -}}

{{- define "helm-toolkit.manifests.job_ks_user" -}}
{{ tuple .envAll "ks_user" | include "helm-toolkit.known.job" }}
{{- end -}}

{{- define "helm-toolkit.manifests.job_ks_service" -}}
{{ tuple .envAll "ks_service" | include "helm-toolkit.known.job" }}
{{- end -}}

{{- define "helm-toolkit.manifests.job_ks_endpoints" -}}
{{ tuple .envAll "ks_endpoints" | include "helm-toolkit.known.job" }}
{{- end -}}

{{- define "helm-toolkit.manifests.job_rabbit_init" -}}
{{ tuple .envAll "rabbit_init" | include "helm-toolkit.known.job" }}
{{- end -}}

{{- define "helm-toolkit.manifests.job_s3_user" -}}
{{ tuple .envAll "s3_user" | include "helm-toolkit.known.job" }}
{{ tuple .envAll "ceph_key_placement" | include "helm-toolkit.known.job" }}
{{- end -}}

{{- define "helm-toolkit.manifests.job_s3_bucket" -}}
{{ tuple .envAll "s3_bucket" | include "helm-toolkit.known.job" }}
{{- end -}}

{{- define "helm-toolkit.manifests.job_image_repo_sync" -}}
{{ tuple .envAll "image_repo_sync" | include "helm-toolkit.known.job" }}
{{- end -}}
