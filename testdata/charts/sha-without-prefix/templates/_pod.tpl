{{- define "sha-without-prefix.sidecar" -}}
image: "{{ .Values.sidecar.image.registry }}/{{ .Values.sidecar.image.repository }}:{{ .Values.sidecar.image.tag }}
{{- if .Values.sidecar.image.sha }}@sha256:{{ .Values.sidecar.image.sha }}{{ end }}"
imagePullPolicy: {{ .Values.image.pullPolicy }}
{{- end }}

{{- define "sha-without-prefix.pod" -}}
containers:
  {{- range $kind := list "dashboards" "datasources" }}
  {{- $settings := index $.Values.sidecar $kind }}
  {{- if $settings.enabled }}
  - name: sc-{{ $kind }}
    {{- include "sha-without-prefix.sidecar" $ | nindent 4 }}
    env:
      - name: LABEL
        value: {{ $settings.label }}
  {{- end }}
  {{- end }}
  - name: grafana
    {{- if .Values.image.sha }}
    image: "{{ .Values.image.registry }}/{{ .Values.image.repository }}:{{ .Values.image.tag }}@sha256:{{ .Values.image.sha }}"
    {{- else }}
    image: "{{ .Values.image.registry }}/{{ .Values.image.repository }}:{{ .Values.image.tag }}"
    {{- end }}
    imagePullPolicy: {{ .Values.image.pullPolicy }}
    ports:
      - name: http
        containerPort: 3000
{{- end }}
