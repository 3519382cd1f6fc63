{{/*
The reference of an image. The global registry counts before the image's own, and a digest before the tag.

    {{ include "common.images.image" (dict "imageRoot" .Values.image "global" .Values.global "chart" .Chart) }}
*/}}
{{- define "common.images.image" -}}
{{- $registry := (.global).imageRegistry | default .imageRoot.registry -}}
{{- $separator := ":" -}}
{{- $version := .imageRoot.tag | toString -}}
{{- if .imageRoot.digest -}}
  {{- $separator = "@" -}}
  {{- $version = .imageRoot.digest | toString -}}
{{- else if and (not .imageRoot.tag) .chart -}}
  {{- $version = .chart.AppVersion | toString -}}
{{- end -}}
{{- if $registry -}}
{{- printf "%s/%s%s%s" $registry .imageRoot.repository $separator $version -}}
{{- else -}}
{{- printf "%s%s%s" .imageRoot.repository $separator $version -}}
{{- end -}}
{{- end -}}

{{/*
The pull secrets of several images, each once.

    {{ include "common.images.pullSecrets" (dict "images" (list .Values.image .Values.metrics.image) "global" .Values.global) }}
*/}}
{{- define "common.images.pullSecrets" -}}
{{- $names := (.global).imagePullSecrets | default list -}}
{{- range .images -}}
  {{- $names = concat $names (.pullSecrets | default list) -}}
{{- end -}}
{{- with $names -}}
imagePullSecrets:
  {{- range uniq . }}
  - name: {{ . }}
  {{- end }}
{{- end -}}
{{- end -}}
