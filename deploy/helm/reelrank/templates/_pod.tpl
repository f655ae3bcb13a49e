{{/* What every pod has: root, component, and optionally grace. */}}
{{- define "reelrank.podSecurity" -}}
serviceAccountName: {{ include "reelrank.serviceAccount" . }}
automountServiceAccountToken: false
enableServiceLinks: false
securityContext:
  runAsNonRoot: true
  runAsUser: 10001
  runAsGroup: 10001
  fsGroup: 10001
  # A volume of hundreds of gigabytes is not walked at every start.
  fsGroupChangePolicy: OnRootMismatch
  seccompProfile: {type: RuntimeDefault}
{{- with .Values.images.pullSecrets }}
imagePullSecrets:
{{- range . }}
  - name: {{ . }}
{{- end }}
{{- end }}
{{- end -}}

{{- define "reelrank.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
runAsNonRoot: true
runAsUser: 10001
runAsGroup: 10001
capabilities: {drop: [ALL]}
{{- end -}}

{{/* Who may talk to Kafka as what: root and role. The file is the same for all where the cluster is not Strimzi's. */}}
{{- define "reelrank.kafkaConfig" -}}/etc/reelrank/kafka/client.properties{{- end -}}

{{- define "reelrank.kafkaMounts" -}}
- {name: kafka, mountPath: /etc/reelrank/kafka, readOnly: true}
{{- if include "reelrank.strimzi" .root }}
- {name: kafka-user, mountPath: /etc/reelrank/user, readOnly: true}
- {name: kafka-ca, mountPath: /etc/reelrank/ca, readOnly: true}
{{- end }}
{{- end -}}

{{- define "reelrank.kafkaVolumes" -}}
{{- $root := .root -}}
{{- if include "reelrank.strimzi" $root }}
- name: kafka
  configMap: {name: {{ include "reelrank.fullname" $root }}-kafka}
- name: kafka-user
  secret: {secretName: {{ include "reelrank.fullname" $root }}-{{ .role }}}
- name: kafka-ca
  secret: {secretName: {{ $root.Values.kafka.strimzi.cluster }}-cluster-ca-cert}
{{- else if $root.Values.kafka.settingsSecret }}
- name: kafka
  secret: {secretName: {{ $root.Values.kafka.settingsSecret }}}
{{- else }}
- name: kafka
  configMap: {name: {{ include "reelrank.fullname" $root }}-kafka}
{{- end }}
{{- end -}}

{{/* Changes with what pods read only at their start. */}}
{{- define "reelrank.checksum" -}}
reelrank.dev/kafka: {{ include (print .Template.BasePath "/kafka-config.yaml") . | sha256sum | trunc 16 }}
{{- end -}}

{{- define "reelrank.kafkaArgs" -}}
- --kafka-config
- {{ include "reelrank.kafkaConfig" . }}
{{- if and .Values.kafka.settingsSecret .Values.kafka.bootstrap }}
- --bootstrap
- {{ .Values.kafka.bootstrap | quote }}
{{- end }}
{{- end -}}

{{- define "reelrank.store" -}}
{{- default "/data/store" .Values.store.uri -}}
{{- end -}}

{{- define "reelrank.storeMounts" -}}
{{- if not .Values.store.uri }}
- {name: store, mountPath: /data/store}
{{- end }}
{{- end -}}

{{- define "reelrank.storeVolumes" -}}
{{- if not .Values.store.uri }}
- name: store
  persistentVolumeClaim: {claimName: {{ default (printf "%s-store" (include "reelrank.fullname" .)) .Values.store.volume.existingClaim }}}
{{- end }}
{{- end -}}

{{- define "reelrank.storeEnvFrom" -}}
{{- if and .Values.store.uri .Values.store.s3Secret }}
envFrom:
  - secretRef: {name: {{ .Values.store.s3Secret }}}
{{- end }}
{{- end -}}

{{/* Writable folders of a container whose root file system is read-only. */}}
{{- define "reelrank.scratchMounts" -}}
- {name: home, mountPath: /home/reelrank}
- {name: tmp, mountPath: /tmp}
{{- end -}}

{{- define "reelrank.scratchVolumes" -}}
- name: home
  emptyDir: {}
- name: tmp
  emptyDir: {}
{{- end -}}

{{- define "reelrank.env" -}}
{{- with .Values.otlpEndpoint }}
- {name: OTEL_EXPORTER_OTLP_ENDPOINT, value: {{ . | quote }}}
{{- end }}
{{- end -}}

{{- define "reelrank.modelsVolume" -}}
{{- if eq .Values.models.source "claim" }}
- name: models
  persistentVolumeClaim: {claimName: {{ default (printf "%s-models" (include "reelrank.fullname" .)) .Values.models.claim.existingClaim }}}
{{- else if eq .Values.models.source "image" }}
- name: models
  image: {reference: {{ required "models.image.reference is empty: name the image that holds the models" .Values.models.image.reference }}, pullPolicy: {{ .Values.models.image.pullPolicy }}}
{{- end }}
{{- end -}}

{{- define "reelrank.modelsPath" -}}
{{- if eq .Values.models.source "bundled" }}/opt/reelrank/models/testbed{{ else }}/models{{ end -}}
{{- end -}}

{{/* Probes of flow and workers: a start takes as long as it takes, then /live restarts and /health only tells. */}}
{{- define "reelrank.probes" -}}
startupProbe:
  httpGet: {path: /live, port: metrics}
  periodSeconds: 10
  failureThreshold: {{ div (add .startSeconds 9) 10 }}
livenessProbe:
  httpGet: {path: /live, port: metrics}
  periodSeconds: 10
  timeoutSeconds: 5
  failureThreshold: 6
readinessProbe:
  httpGet: {path: /health, port: metrics}
  periodSeconds: 10
  timeoutSeconds: 5
  failureThreshold: 3
{{- end -}}

{{/* What farm.sh adds to every command. */}}
{{- define "reelrank.farm" -}}
--kafka-config {{ include "reelrank.kafkaConfig" . }}
{{- if and .Values.kafka.settingsSecret .Values.kafka.bootstrap }} --bootstrap {{ .Values.kafka.bootstrap }}{{ end }} --store {{ include "reelrank.store" . }}
{{- end -}}
