{{- define "wasmgate.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 40 | trimSuffix "-" -}}
{{- end }}

{{/* Room is left for the longest suffix, so that no name is longer than 63 characters. */}}
{{- define "wasmgate.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride -}}
{{- else -}}
{{- $name := include "wasmgate.name" . -}}
{{- ternary .Release.Name (printf "%s-%s" .Release.Name $name) (contains $name .Release.Name) | trunc 46 | trimSuffix "-" -}}
{{- end -}}
{{- end }}

{{/* Names of cluster-scoped objects: two releases of one name in two namespaces must not meet. */}}
{{- define "wasmgate.clusterName" -}}
{{- $name := include "wasmgate.fullname" . -}}
{{- ternary $name (printf "%s-%s" .Release.Namespace $name) (eq .Release.Namespace $name) -}}
{{- end }}

{{- define "wasmgate.selectorLabels" -}}
app.kubernetes.io/name: {{ include "wasmgate.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "wasmgate.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{ include "wasmgate.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
app.kubernetes.io/part-of: wasmgate
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* Metadata of an object: dict "root" . "name" NAME, and where wanted "component", "cluster" true, "annotations" MAP, "labels" MAP. */}}
{{- define "wasmgate.metadata" -}}
name: {{ .name }}
{{- if not .cluster }}
namespace: {{ .namespace | default .root.Release.Namespace }}
{{- end }}
labels:
  {{- include "wasmgate.labels" .root | nindent 2 }}
  {{- with .component }}
  app.kubernetes.io/component: {{ . }}
  {{- end }}
  {{- with .labels }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- with merge (dict) (.annotations | default dict) .root.Values.commonAnnotations }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{- define "wasmgate.image" -}}
{{- $registry := .Values.global.imageRegistry | default .Values.image.registry -}}
{{- $name := empty $registry | ternary .Values.image.repository (printf "%s/%s" $registry .Values.image.repository) -}}
{{- if .Values.image.digest -}}
{{- printf "%s@%s" $name .Values.image.digest -}}
{{- else -}}
{{- printf "%s:%s" $name (.Values.image.tag | default .Chart.AppVersion) -}}
{{- end -}}
{{- end }}

{{- define "wasmgate.imagePullSecrets" -}}
{{- with concat .Values.global.imagePullSecrets .Values.imagePullSecrets | uniq -}}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
{{- end }}

{{/* dict "root" . "component" "webhook" | "audit" | "sweep" */}}
{{- define "wasmgate.serviceAccountName" -}}
{{- $values := .root.Values.serviceAccount -}}
{{- $fullname := include "wasmgate.fullname" .root -}}
{{- if eq .component "webhook" -}}
{{- if $values.create -}}{{ $values.name | default $fullname }}{{- else -}}{{ $values.name | default "default" }}{{- end -}}
{{- else -}}
{{- if $values.create -}}{{ printf "%s-%s" $fullname .component }}{{- else -}}{{ $values.name | default "default" }}{{- end -}}
{{- end -}}
{{- end }}

{{- define "wasmgate.certificateSecret" -}}
{{- if eq .Values.certificates.mode "existingSecret" -}}
{{- .Values.certificates.existingSecret.name -}}
{{- else -}}
{{- printf "%s-certificate" (include "wasmgate.fullname" .) -}}
{{- end -}}
{{- end }}

{{- define "wasmgate.waiverNamespace" -}}
{{- .Values.waiverNamespace | default .Release.Namespace -}}
{{- end }}

{{- define "wasmgate.severalReplicas" -}}
{{- if ternary (gt (int .Values.autoscaling.minReplicas) 1) (gt (int .Values.replicas) 1) .Values.autoscaling.enabled -}}true{{- end -}}
{{- end }}

{{- define "wasmgate.podSecurityContext" -}}
runAsNonRoot: true
runAsUser: {{ int .Values.runAsUser }}
runAsGroup: {{ int .Values.runAsUser }}
fsGroup: {{ int .Values.runAsUser }}
fsGroupChangePolicy: OnRootMismatch
seccompProfile:
  type: RuntimeDefault
{{- end }}

{{- define "wasmgate.securityContext" -}}
allowPrivilegeEscalation: false
privileged: false
readOnlyRootFilesystem: true
runAsNonRoot: true
capabilities:
  drop: [ALL]
seccompProfile:
  type: RuntimeDefault
{{- end }}

{{/* Arguments about registries, the same for every command. */}}
{{- define "wasmgate.registryArgs" -}}
{{- if .Values.cache.enabled -}}
- --cache-size={{ int .Values.cache.sizeMiB }}
{{- else -}}
- --no-cache
{{- end }}
{{- with .Values.registry }}
{{- if .configSecret }}
- --registry-config=/etc/wasmgate/registry/config.json
{{- end }}
{{- range .insecureHosts }}
- {{ printf "--insecure-registry=%s" . | quote }}
{{- end }}
{{- range $index, $authority := .authorities }}
- {{ printf "--registry-ca=%s=/etc/wasmgate/authorities/%d/%s" $authority.host $index ($authority.key | default "ca.crt") | quote }}
{{- end }}
{{- range .mirrors }}
- {{ printf "--mirror=%s=%s" .host .mirror | quote }}
{{- end }}
{{- range .allowedHosts }}
- {{ printf "--allow-host=%s" . | quote }}
{{- end }}
{{- if .fetchTimeoutSeconds }}
- --fetch-timeout={{ .fetchTimeoutSeconds }}
{{- end }}
{{- end }}
{{- end }}

{{/* Arguments about judging in a cluster, the same for the webhook and the audit. */}}
{{- define "wasmgate.clusterArgs" -}}
- --namespace={{ .Release.Namespace }}
- --waiver-namespace={{ include "wasmgate.waiverNamespace" . }}
- --detection={{ .Values.webhook.detection }}
- --default-level={{ .Values.webhook.defaultLevel }}
- --queue={{ int .Values.queue }}
{{- if .Values.workers }}
- --workers={{ int .Values.workers }}
{{- end }}
- --reports={{ .Values.audit.reports }}
{{- if .Values.audit.events }}
- --events
{{- end }}
{{- with .Values.access }}
{{- if .pullSecrets }}
- --pull-secrets
{{- end }}
{{- if .configMaps }}
- --config-maps
{{- end }}
{{- if .secrets }}
- --secrets
{{- end }}
{{- end }}
{{- range .Values.registry.sharedHosts }}
- {{ printf "--shared-registry=%s" . | quote }}
{{- end }}
{{ include "wasmgate.registryArgs" . }}
{{- end }}

{{/* The cache folder is one that the process makes itself: the root of a volume belongs to root and may be written by the group. */}}
{{- define "wasmgate.env" -}}
- name: HOME
  value: /tmp
- name: TMPDIR
  value: /tmp
{{- if .Values.cache.enabled }}
- name: XDG_CACHE_HOME
  value: /cache/own
{{- end }}
{{- with .Values.extraCertificates }}
{{- if .configMap }}
- name: NODE_EXTRA_CA_CERTS
  value: /etc/wasmgate/certificates/{{ .key }}
{{- end }}
{{- end }}
{{- with .Values.proxy }}
{{- if .http }}
- name: HTTP_PROXY
  value: {{ .http | quote }}
{{- end }}
{{- if .https }}
- name: HTTPS_PROXY
  value: {{ .https | quote }}
{{- end }}
{{- if or .http .https }}
- name: NO_PROXY
  value: {{ printf "$(KUBERNETES_SERVICE_HOST),localhost,127.0.0.1,.svc,.cluster.local%s" (empty .none | ternary "" (printf ",%s" .none)) | quote }}
{{- end }}
{{- end }}
{{- with .Values.extraEnv }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "wasmgate.volumeMounts" -}}
- name: tmp
  mountPath: /tmp
{{- if .Values.cache.enabled }}
- name: cache
  mountPath: /cache
{{- end }}
{{- if .Values.registry.configSecret }}
- name: registry
  mountPath: /etc/wasmgate/registry
  readOnly: true
{{- end }}
{{- range $index, $_ := .Values.registry.authorities }}
- name: authority-{{ $index }}
  mountPath: /etc/wasmgate/authorities/{{ $index }}
  readOnly: true
{{- end }}
{{- if .Values.extraCertificates.configMap }}
- name: certificates
  mountPath: /etc/wasmgate/certificates
  readOnly: true
{{- end }}
{{- end }}

{{- define "wasmgate.volumes" -}}
- name: tmp
  emptyDir:
    sizeLimit: 256Mi
{{- if .Values.cache.enabled }}
- name: cache
  emptyDir:
    sizeLimit: {{ div (mul (int .Values.cache.sizeMiB) 3) 2 }}Mi
{{- end }}
{{- with .Values.registry.configSecret }}
- name: registry
  secret:
    secretName: {{ . }}
    defaultMode: 0440
    items:
      - key: .dockerconfigjson
        path: config.json
{{- end }}
{{- range $index, $authority := .Values.registry.authorities }}
- name: authority-{{ $index }}
  configMap:
    name: {{ $authority.configMap }}
{{- end }}
{{- with .Values.extraCertificates.configMap }}
- name: certificates
  configMap:
    name: {{ . }}
{{- end }}
{{- end }}
