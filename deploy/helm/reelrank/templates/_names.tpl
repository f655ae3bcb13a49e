{{- define "reelrank.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 40 | trimSuffix "-" -}}
{{- end -}}

{{- define "reelrank.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 40 | trimSuffix "-" -}}
{{- else if contains (include "reelrank.name" .) .Release.Name -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name (include "reelrank.name" .) | trunc 40 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{/* Labels of everything. Call with a dict of root and component. */}}
{{- define "reelrank.labels" -}}
{{ include "reelrank.selector" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/part-of: reelrank
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version }}
{{- end -}}

{{/* The labels that never change, by which pods are found. */}}
{{- define "reelrank.selector" -}}
app.kubernetes.io/name: {{ include "reelrank.name" .root }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end -}}

{{- define "reelrank.serviceAccount" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "reelrank.fullname" .) .Values.serviceAccount.name -}}
{{- else -}}
{{- default "default" .Values.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{/* An image: root and which (cpu or cuda). */}}
{{- define "reelrank.image" -}}
{{- $image := index .root.Values.images .which -}}
{{- if $image.digest -}}
{{- printf "%s@%s" $image.repository $image.digest -}}
{{- else -}}
{{- printf "%s:%s%s" $image.repository (default .root.Chart.AppVersion $image.tag) $image.suffix -}}
{{- end -}}
{{- end -}}

{{/* The stage that an entry of workers serves: name and worker. */}}
{{- define "reelrank.stage" -}}
{{- default .name .worker.stage -}}
{{- end -}}

{{- define "reelrank.strimzi" -}}
{{- if eq .Values.kafka.mode "strimzi" }}true{{ end -}}
{{- end -}}

{{- define "reelrank.match" -}}
{{ include "reelrank.selector" . | fromYaml | toJson }}
{{- end -}}
