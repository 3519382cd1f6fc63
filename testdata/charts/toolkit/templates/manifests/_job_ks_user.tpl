{{/*
The job that makes a user for a service in the identity service: dict "envAll" . "serviceName" "placement"
*/}}
{{- define "toolkit.manifests.job_ks_user" -}}
{{- $envAll := index . "envAll" -}}
{{- $serviceName := index . "serviceName" -}}
{{- $application := $serviceName | replace "_" "-" -}}
apiVersion: batch/v1
kind: Job
metadata:
  name: {{ $application }}-ks-user
  labels:
{{ tuple $envAll $application "ks-user" | include "toolkit.snippets.labels" | indent 4 }}
spec:
  template:
    metadata:
      labels:
{{ tuple $envAll $application "ks-user" | include "toolkit.snippets.labels" | indent 8 }}
    spec:
      restartPolicy: OnFailure
      initContainers:
{{ tuple $envAll "ks_user" | include "toolkit.snippets.init_container_dep_check" | indent 8 }}
      containers:
{{- range $user := index . "users" | default (list $application) }}
        - name: {{ $user }}-ks-user
{{ tuple $envAll "ks_user" | include "toolkit.snippets.image" | indent 10 }}
          command:
            - openstack
            - user
            - create
            - --or-show
            - {{ $user }}
          envFrom:
            - secretRef:
                name: {{ $application }}-keystone-admin
{{- end }}
{{- end -}}
