{{- define "alerts.selectorLabels" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "alerts.labels" -}}
{{ include "alerts.selectorLabels" . }}
{{- with .Values.image.tag }}
app.kubernetes.io/version: {{ trimPrefix "v" . | quote }}
{{- end }}
{{- end }}

{{- define "alerts.image" -}}
{{- $reference := printf "%s:%s" .repository .tag -}}
{{- if .digest -}}
{{- $reference = printf "%s@%s" $reference .digest -}}
{{- end -}}
{{- $reference -}}
{{- end }}
