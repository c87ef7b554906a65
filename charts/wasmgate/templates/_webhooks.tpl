{{/* The namespaces that no value can bring in again, and those of the values. */}}
{{- define "wasmgate.namespaceSelector" -}}
matchExpressions:
  - key: kubernetes.io/metadata.name
    operator: NotIn
    values: {{ concat (list .Release.Namespace "kube-system") .Values.webhook.excludedNamespaces | uniq | sortAlpha | toJson }}
{{- end }}

{{/* dict "root" . "path" "/validate". Without a caBundle in self-managed mode: the webhook keeps it, and a rendered one would take it away again. */}}
{{- define "wasmgate.clientConfig" -}}
service:
  name: {{ include "wasmgate.fullname" .root }}
  namespace: {{ .root.Release.Namespace }}
  path: {{ .path }}
  port: 443
{{- if eq .root.Values.certificates.mode "existingSecret" }}
caBundle: {{ .root.Values.certificates.existingSecret.caBundle | b64enc }}
{{- end }}
{{- end }}

{{- define "wasmgate.webhookAnnotations" -}}
{{- if eq .Values.certificates.mode "certManager" -}}
cert-manager.io/inject-ca-from: {{ printf "%s/%s" .Release.Namespace (include "wasmgate.certificateSecret" .) }}
{{- else -}}
{}
{{- end -}}
{{- end }}

{{/* dict "root" . "name" NAME "failurePolicy" POLICY "timeoutSeconds" SECONDS "path" PATH */}}
{{- define "wasmgate.entry" -}}
- name: {{ .name }}
  admissionReviewVersions: [v1]
  clientConfig:
    {{- include "wasmgate.clientConfig" (dict "root" .root "path" .path) | nindent 4 }}
  failurePolicy: {{ .failurePolicy }}
  matchPolicy: Equivalent
  sideEffects: {{ ternary "NoneOnDryRun" "None" .root.Values.audit.events }}
  timeoutSeconds: {{ int .timeoutSeconds }}
  namespaceSelector:
    {{- include "wasmgate.namespaceSelector" .root | nindent 4 }}
{{- end }}

{{/* Rules for the groups of files/rules.yaml. */}}
{{- define "wasmgate.rules" -}}
rules:
{{- range . }}
  - apiGroups: [{{ .group | quote }}]
    apiVersions: ["*"]
    operations: [CREATE, UPDATE]
    resources: {{ .resources | toJson }}
    scope: "*"
{{- end }}
{{- end }}

{{- define "wasmgate.podRules" -}}
rules:
  - apiGroups: [""]
    apiVersions: [v1]
    operations: [CREATE, UPDATE]
    resources: [pods, pods/ephemeralcontainers]
    scope: Namespaced
{{- end }}

{{/* The API server sees no ConfigMap and no handler: with these a pod may have a signal all the same. */}}
{{- define "wasmgate.hiddenSignals" -}}
has(object.spec.runtimeClassName)
|| (object.spec.containers + object.spec.?initContainers.orValue([]) + object.spec.?ephemeralContainers.orValue([])).exists(c, has(c.envFrom))
{{- end }}

{{- define "wasmgate.signals" -}}
{{- $names := list }}
{{- range .Values.webhook.podsWithSignal.runtimeClasses }}{{ $names = append $names (quote .) }}{{ end -}}
{{- .Files.Get "files/signals.cel" | replace "RUNTIME_CLASSES" (join ", " $names) | trim -}}
{{- end }}

{{/* An update that touches neither the specification nor annotations changes nothing that is judged. */}}
{{- define "wasmgate.significant" -}}
request.operation != "UPDATE" || !has(object.spec) || !has(oldObject.spec) || object.spec != oldObject.spec
|| object.metadata.?annotations.orValue({}) != oldObject.metadata.?annotations.orValue({})
{{- end }}
