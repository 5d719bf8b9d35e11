{{- /* Name of all objects of the operator: "ringfleet-operator" for a release that is called ringfleet. */ -}}
{{- define "ringfleet.name" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 52 | trimSuffix "-" -}}
{{- else if contains "ringfleet" .Release.Name -}}
{{- printf "%s-operator" (.Release.Name | trunc 43 | trimSuffix "-") -}}
{{- else -}}
{{- printf "%s-ringfleet-operator" (.Release.Name | trunc 33 | trimSuffix "-") -}}
{{- end -}}
{{- end }}

{{- define "ringfleet.serviceAccount" -}}
{{- if .Values.serviceAccount.create -}}
{{- .Values.serviceAccount.name | default (include "ringfleet.name" .) -}}
{{- else -}}
{{- required "serviceAccount.name: name one that exists, or let the release make one (serviceAccount.create)" .Values.serviceAccount.name -}}
{{- end -}}
{{- end }}

{{- define "ringfleet.selector" -}}
app.kubernetes.io/name: ringfleet-operator
app.kubernetes.io/instance: {{ .Release.Name | quote }}
{{- end }}

{{- /* What the release says goes before what values say. */ -}}
{{- define "ringfleet.labels" -}}
{{- $own := dict
  "app.kubernetes.io/name" "ringfleet-operator"
  "app.kubernetes.io/instance" .Release.Name
  "app.kubernetes.io/part-of" "ringfleet"
  "app.kubernetes.io/version" .Chart.AppVersion
  "app.kubernetes.io/managed-by" .Release.Service
  "helm.sh/chart" (printf "%s-%s" .Chart.Name (.Chart.Version | replace "+" "_"))
-}}
{{- merge $own .Values.labels | toYaml -}}
{{- end }}

{{- /* root: the chart's own scope; more: YAML of annotations of this object. Nothing where there are none. */ -}}
{{- define "ringfleet.annotations" -}}
{{- $all := merge (default "{}" .more | fromYaml) .root.Values.annotations -}}
{{- with $all -}}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end -}}
{{- end }}

{{- /* Of a CRD: it stays when the release goes. */ -}}
{{- define "ringfleet.keep" -}}
{{- if .Values.crds.keep -}}
helm.sh/resource-policy: keep
{{- end -}}
{{- end }}

{{- /* name, image: a member of .Values.image; root. By digest where there is one. */ -}}
{{- define "ringfleet.image" -}}
{{- $registry := required "image.registry: say where the images are, such as registry.example.com/telephony" .root.Values.image.registry -}}
{{- $repository := printf "%s/%s" (trimSuffix "/" $registry) .image.repository -}}
{{- if .image.digest -}}
{{- printf "%s@%s" $repository .image.digest -}}
{{- else -}}
{{- printf "%s:%s" $repository (.image.tag | default .root.Chart.AppVersion) -}}
{{- end -}}
{{- end }}

{{- /* root, render: auto, always or never; api: group/version/Kind. Something when it is to be rendered. */ -}}
{{- define "ringfleet.renders" -}}
{{- if or (eq .render "always") (and (eq .render "auto") (.root.Capabilities.APIVersions.Has .api)) -}}
true
{{- end -}}
{{- end }}

{{- /* Where a pod of ours may run, and as what. */ -}}
{{- define "ringfleet.placement" -}}
securityContext:
  {{- toYaml .Values.podSecurityContext | nindent 2 }}
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
{{- with .Values.priorityClassName }}
priorityClassName: {{ . | quote }}
{{- end }}
{{- end }}
