{{/* What everybody who judges reads. */}}
{{- define "wasmgate.readerRules" -}}
- apiGroups: [wasmgate.dev]
  resources: [clusterwasmpolicies, wasmpolicies]
  verbs: [list, watch]
- apiGroups: [""]
  resources: [namespaces]
  verbs: [get, list, watch]
- apiGroups: [node.k8s.io]
  resources: [runtimeclasses]
  verbs: [list, watch]
{{- end }}

{{/* What the run over everything that exists lists beside pods: resources that no pod shows. */}}
{{- define "wasmgate.auditRules" -}}
{{- if .Values.audit.customResources }}
{{- range (.Files.Get "files/rules.yaml" | fromYaml).deny }}
- apiGroups: [{{ .group | quote }}]
  resources: {{ .resources | toJson }}
  verbs: [list]
{{- end }}
{{- end }}
{{- end }}

{{/* The reports and Events that come out of it. */}}
{{- define "wasmgate.resultRules" -}}
{{- if eq .Values.audit.reports "openreports" }}
- apiGroups: [openreports.io]
  resources: [reports, clusterreports]
  verbs: [list, create, patch, delete]
{{- else if eq .Values.audit.reports "policyreports" }}
- apiGroups: [wgpolicyk8s.io]
  resources: [policyreports, clusterpolicyreports]
  verbs: [list, create, patch, delete]
{{- end }}
{{- if .Values.audit.events }}
- apiGroups: [events.k8s.io]
  resources: [events]
  verbs: [create, patch]
{{- end }}
{{- end }}

{{/* Contents of objects, only when asked for. */}}
{{- define "wasmgate.accessRules" -}}
{{- with .Values.access }}
{{- if or .pullSecrets .secrets }}
- apiGroups: [""]
  resources: [secrets]
  verbs: [get]
{{- end }}
{{- if .pullSecrets }}
- apiGroups: [""]
  resources: [serviceaccounts]
  verbs: [get]
{{- end }}
{{- if .configMaps }}
- apiGroups: [""]
  resources: [configmaps]
  verbs: [get]
{{- end }}
{{- end }}
{{- end }}

{{/* dict "root" . "kind" "Role"|"ClusterRole" "role" NAME "component" COMPONENT */}}
{{- define "wasmgate.bound" -}}
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: {{ .kind }}
  name: {{ .role }}
subjects:
  - kind: ServiceAccount
    name: {{ include "wasmgate.serviceAccountName" (dict "root" .root "component" .component) }}
    namespace: {{ .root.Release.Namespace }}
{{- end }}
