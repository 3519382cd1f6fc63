{{/*
The init container that waits for what `dependencies.static` lists for a component: tuple $envAll "api"
*/}}
{{- define "toolkit.snippets.init_container_dep_check" -}}
{{- $envAll := index . 0 -}}
{{- $component := index . 1 -}}
{{- $needs := index $envAll.Values.dependencies.static $component | default dict -}}
- name: init
  {{- tuple $envAll "dep_check" | include "toolkit.snippets.image" | nindent 2 }}
  command:
    - kubernetes-entrypoint
  env:
    - name: POD_NAME
      valueFrom:
        fieldRef:
          fieldPath: metadata.name
    - name: NAMESPACE
      valueFrom:
        fieldRef:
          fieldPath: metadata.namespace
    - name: DEPENDENCY_SERVICE
      value: {{ $needs.services | default list | join "," | quote }}
    - name: DEPENDENCY_JOBS
      value: {{ $needs.jobs | default list | join "," | quote }}
{{- end -}}
