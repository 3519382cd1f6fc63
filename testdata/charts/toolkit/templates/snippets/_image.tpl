{{/*
Image and pull policy of a container, by the key of the image below `images.tags`:

    {{ tuple $envAll "dep_check" | include "toolkit.snippets.image" | indent 10 }}

With a local registry, images come from there, but for those that `exclude` lists.
*/}}
{{- define "toolkit.snippets.image" -}}
{{- $envAll := index . 0 -}}
{{- $key := index . 1 -}}
{{- $local := $envAll.Values.images.local_registry -}}
{{- if and $local.active (not (has $key $local.exclude)) -}}
image: {{ printf "%s/%s" $envAll.Values.endpoints.local_image_registry.node (index $envAll.Values.images.tags $key) | quote }}
{{- else -}}
image: {{ index $envAll.Values.images.tags $key | quote }}
{{- end }}
imagePullPolicy: {{ $envAll.Values.images.pull_policy }}
{{- end -}}
