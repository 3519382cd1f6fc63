{{/*
The reference of an image: dict "image" .Values.image "global" .Values.global
*/}}
{{- define "global-registry.image" -}}
{{- $registry := .global.imageRegistry | default .image.registry -}}
{{- printf "%s/%s:%s" $registry .image.repository .image.tag -}}
{{- end -}}
