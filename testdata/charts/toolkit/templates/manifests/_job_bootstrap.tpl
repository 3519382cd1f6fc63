{{/*
The job that runs the script in `bootstrap.script` once: dict "envAll" . "serviceName" "placement"
*/}}
{{- define "toolkit.manifests.job_bootstrap" -}}
{{- $envAll := index . "envAll" -}}
{{- $serviceName := index . "serviceName" -}}
{{- $application := $serviceName | replace "_" "-" -}}
apiVersion: batch/v1
kind: Job
metadata:
  name: {{ $application }}-bootstrap
  labels:
{{ tuple $envAll $application "bootstrap" | include "toolkit.snippets.labels" | indent 4 }}
spec:
  template:
    metadata:
      labels:
{{ tuple $envAll $application "bootstrap" | include "toolkit.snippets.labels" | indent 8 }}
    spec:
      restartPolicy: OnFailure
      initContainers:
{{ tuple $envAll "bootstrap" | include "toolkit.snippets.init_container_dep_check" | indent 8 }}
      containers:
        - name: {{ $application }}-bootstrap
{{ tuple $envAll "bootstrap" | include "toolkit.snippets.image" | indent 10 }}
          command:
            - /bin/sh
            - -ec
            - |
{{ $envAll.Values.bootstrap.script | trim | indent 14 }}
{{- end -}}
