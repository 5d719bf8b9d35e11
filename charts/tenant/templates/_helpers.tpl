{{- /*
Named templates of this chart begin with ringfleet-tenant: a chart that this one is a part of may use them, as
charts/examples/csv does.
*/ -}}

{{- /* The tenant's namespace, whose name the Organization has too. */ -}}
{{- define "ringfleet-tenant.namespace" -}}
{{- .Values.namespace | default .Release.Namespace -}}
{{- end }}

{{- /*
root: the scope of the chart; more: labels of this object. Labels of the release have priority over those in values. They
have no version: an upgrade to a newer chart changes no object that is otherwise the same.
*/ -}}
{{- define "ringfleet-tenant.labels" -}}
{{- $own := dict
  "app.kubernetes.io/name" "ringfleet-tenant"
  "app.kubernetes.io/instance" .root.Release.Name
  "app.kubernetes.io/managed-by" .root.Release.Service
-}}
{{- merge $own (.more | default dict) .root.Values.labels | toYaml -}}
{{- end }}

{{- /* root, own and more: annotations of this object, of the chart and of values. Empty when there are none. */ -}}
{{- define "ringfleet-tenant.annotations" -}}
{{- $all := merge dict (.own | default dict) (.more | default dict) .root.Values.annotations -}}
{{- with $all -}}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end -}}
{{- end }}

{{- /* root, name; own: annotations of the chart; item: labels and annotations of values. */ -}}
{{- define "ringfleet-tenant.metadata" -}}
{{- $item := .item | default dict -}}
name: {{ .name }}
namespace: {{ include "ringfleet-tenant.namespace" .root }}
labels:
  {{- include "ringfleet-tenant.labels" (dict "root" .root "more" $item.labels) | nindent 2 }}
{{ include "ringfleet-tenant.annotations" (dict "root" .root "own" .own "more" $item.annotations) }}
{{- end }}

{{- /* root, kind, item: a custom resource, whose spec is what the item has beside its metadata. */ -}}
{{- define "ringfleet-tenant.object" -}}
apiVersion: {{ include "ringfleet-tenant.apiVersion" . }}
kind: {{ .kind }}
metadata:
  {{- include "ringfleet-tenant.metadata" (dict "root" .root "name" .item.name "own" .own "item" .item) | nindent 2 }}
spec:
  {{- omit .item "name" "labels" "annotations" | toYaml | nindent 2 }}
{{- end }}

{{- /* root, kind, list (its name, for messages), items: manifests of all of them. */ -}}
{{- define "ringfleet-tenant.objects" -}}
{{- $seen := dict -}}
{{- range $item := .items }}
{{- if hasKey $seen $item.name }}
{{- fail (printf "%s: two of them are called %s" $.list $item.name) }}
{{- end }}
{{- $_ := set $seen $item.name true }}
---
{{ include "ringfleet-tenant.object" (dict "root" $.root "kind" $.kind "item" $item) }}
{{- end }}
{{- end }}

{{- /* Registry of the images. Empty when values do not set it. */ -}}
{{- define "ringfleet-tenant.registry" -}}
{{- .Values.image.registry | default (dig "ringfleet" "image" "registry" "" .Values.global) -}}
{{- end }}

{{- /* root, which: operator or pbx. The digest has priority over the tag. */ -}}
{{- define "ringfleet-tenant.image" -}}
{{- $shared := dig "ringfleet" "image" .which dict .root.Values.global -}}
{{- $image := merge dict (index .root.Values.image .which) $shared -}}
{{- $name := printf "%s/%s" (include "ringfleet-tenant.registry" .root | trimSuffix "/") ($image.repository | default (printf "ringfleet-%s" .which)) -}}
{{- if $image.digest -}}
{{- printf "%s@%s" $name $image.digest -}}
{{- else -}}
{{- printf "%s:%s" $name ($image.tag | default .root.Chart.AppVersion) -}}
{{- end -}}
{{- end }}

{{- /* Scheduling and security context of each pod, for the restricted level of Pod Security. */ -}}
{{- define "ringfleet-tenant.pod" -}}
restartPolicy: Never
securityContext:
  runAsNonRoot: true
  runAsUser: 65532
  runAsGroup: 65532
  fsGroup: 65532
  seccompProfile:
    type: RuntimeDefault
{{- with .Values.imagePullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{- /* root, which: operator or pbx. */ -}}
{{- define "ringfleet-tenant.container" -}}
image: {{ include "ringfleet-tenant.image" . | quote }}
imagePullPolicy: {{ .root.Values.image.pullPolicy }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities:
    drop: [ALL]
{{- end }}
