{{/*
The job that brings the tables of a service up to date: dict "envAll" . "serviceName" "placement"

It runs the service's own image, whose key is the service's name with `_db_sync`.
*/}}
{{- define "toolkit.manifests.job_db_sync" -}}
{{- $envAll := index . "envAll" -}}
{{- $serviceName := index . "serviceName" -}}
{{- $application := $serviceName | replace "_" "-" -}}
{{- $annotations := index . "jobAnnotations" -}}
apiVersion: batch/v1
kind: Job
metadata:
  name: {{ $application }}-db-sync
  labels:
{{ tuple $envAll $application "db-sync" | include "toolkit.snippets.labels" | indent 4 }}
  {{- with $annotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  backoffLimit: {{ index . "backoffLimit" | default 6 }}
  template:
    metadata:
      labels:
{{ tuple $envAll $application "db-sync" | include "toolkit.snippets.labels" | indent 8 }}
    spec:
      restartPolicy: OnFailure
      initContainers:
{{ tuple $envAll "db_sync" | include "toolkit.snippets.init_container_dep_check" | indent 8 }}
      containers:
        - name: {{ $application }}-db-sync
{{ tuple $envAll (printf "%s_db_sync" $serviceName) | include "toolkit.snippets.image" | indent 10 }}
          command:
            - /bin/sh
            - -c
            - exec {{ $application }}-manage db sync
          envFrom:
            - secretRef:
                name: {{ $application }}-db-user
{{- end -}}
