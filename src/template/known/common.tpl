{{- /* Bitnami's library: imageRoot, global, and the chart whose appVersion stands in for the tag. */ -}}
{{- define "common.images.image" -}}
{{- $registry := .imageRoot.registry -}}
{{- if .global }}{{- if .global.imageRegistry }}{{- $registry = .global.imageRegistry -}}{{- end }}{{- end -}}
{{- if $registry }}{{ $registry }}/{{ end -}}
{{ .imageRoot.repository }}
{{- if .imageRoot.digest }}@{{ .imageRoot.digest }}
{{- else if .imageRoot.tag }}:{{ .imageRoot.tag }}
{{- else if .chart }}:{{ .chart.AppVersion }}
{{- end -}}
{{- end -}}

{{- define "common.images.pullSecrets" -}}{{- end -}}
{{- define "common.images.renderPullSecrets" -}}{{- end -}}

{{- define "common.images.version" -}}
{{- if .imageRoot.tag }}{{ .imageRoot.tag }}{{ else }}{{ .chart.AppVersion }}{{ end -}}
{{- end -}}

{{- define "common.names.name" -}}
{{ .Values.nameOverride | default .Chart.Name }}
{{- end -}}

{{- define "common.names.fullname" -}}
{{ .Values.fullnameOverride | default .Chart.Name }}
{{- end -}}

{{- define "common.names.namespace" -}}
{{ .Values.namespaceOverride | default .Release.Namespace }}
{{- end -}}

{{- define "common.tplvalues.render" -}}
{{- if kindIs "string" .value }}{{ tpl .value .context }}{{ else }}{{ tpl (toYaml .value) .context }}{{ end -}}
{{- end -}}

{{- define "common.labels.standard" -}}
app.kubernetes.io/name: {{ .context.Chart.Name }}
app.kubernetes.io/version: {{ .context.Chart.AppVersion }}
{{- end -}}

{{- define "common.labels.matchLabels" -}}
app.kubernetes.io/name: {{ .context.Chart.Name }}
{{- end -}}

{{- define "common.capabilities.deployment.apiVersion" -}}apps/v1{{- end -}}
{{- define "common.capabilities.statefulset.apiVersion" -}}apps/v1{{- end -}}
{{- define "common.capabilities.cronjob.apiVersion" -}}batch/v1{{- end -}}
{{- define "common.capabilities.ingress.apiVersion" -}}networking.k8s.io/v1{{- end -}}
{{- define "common.capabilities.networkPolicy.apiVersion" -}}networking.k8s.io/v1{{- end -}}
{{- define "common.capabilities.policy.apiVersion" -}}policy/v1{{- end -}}
{{- define "common.capabilities.rbac.apiVersion" -}}rbac.authorization.k8s.io/v1{{- end -}}
