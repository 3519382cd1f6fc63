{{- define "known.agent" -}}
{{- $registry := .global.registry | default "quay.io" -}}
{{- printf "%s/%s/%s:%s" $registry .agent.repository .agent.image (toString .agent.version) -}}
{{- end -}}
