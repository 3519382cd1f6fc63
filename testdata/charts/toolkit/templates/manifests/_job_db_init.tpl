{{/*
The job that creates the database of a service: dict "envAll" . "serviceName" "placement"
*/}}
{{- define "toolkit.manifests.job_db_init" -}}
{{- $envAll := index . "envAll" -}}
{{- $serviceName := index . "serviceName" -}}
{{- $application := $serviceName | replace "_" "-" -}}
apiVersion: batch/v1
kind: Job
metadata:
  name: {{ $application }}-db-init
  labels:
{{ tuple $envAll $application "db-init" | include "toolkit.snippets.labels" | indent 4 }}
spec:
  backoffLimit: {{ index . "backoffLimit" | default 6 }}
  template:
    metadata:
      labels:
{{ tuple $envAll $application "db-init" | include "toolkit.snippets.labels" | indent 8 }}
    spec:
      restartPolicy: OnFailure
      initContainers:
{{ tuple $envAll "db_init" | include "toolkit.snippets.init_container_dep_check" | indent 8 }}
      containers:
        - name: {{ $application }}-db-init
{{ tuple $envAll "db_init" | include "toolkit.snippets.image" | indent 10 }}
          command:
            - /bin/sh
            - -c
            - exec /opt/toolkit/db-init.py
          envFrom:
            - secretRef:
                name: {{ $application }}-db-admin
{{- end -}}
