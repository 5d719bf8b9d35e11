{{- /* Written by `npm run generate`: edit config/operator, or src/api, instead. */ -}}
{{- define "ringfleet.rules.platform" -}}
# what is offered to tenants
- apiGroups: [ringfleet.io]
  resources: [organizationclasses] # generated: platform
  verbs: [get, list, watch]
# labels of namespaces (which class is offered to whom), cordoned nodes and their addresses
- apiGroups: [""]
  resources: [namespaces, nodes]
  verbs: [get, list, watch]
{{- end }}

{{- define "ringfleet.rules.tenants" -}}
# the contract: read, never write a spec
- apiGroups: [ringfleet.io]
  resources: [organizations, sipusers, phonenumbers, trunks, locations] # generated: kinds
  verbs: [get, list, watch]
# status is the operator's
- apiGroups: [ringfleet.io]
  resources: [organizations/status, sipusers/status, phonenumbers/status, trunks/status, locations/status] # generated: statuses
  verbs: [patch]
# the bundle, credentials of phones, certificates of agents; in the operator's own namespace also what is remembered of
# each tenant, where the tenant cannot write (ConfigMap organization-<namespace>); list and watch without content of other people's Secrets
- apiGroups: [""]
  resources: [secrets, configmaps]
  verbs: [get, list, watch, create, patch, delete]
# the Services and the quota of a PBX
- apiGroups: [""]
  resources: [services, resourcequotas]
  verbs: [get, list, watch, create, patch, delete]
# PersistentVolumeClaims are created and never deleted: they hold voicemail
- apiGroups: [""]
  resources: [persistentvolumeclaims]
  verbs: [get, list, watch, create, patch]
- apiGroups: [apps]
  resources: [statefulsets]
  verbs: [get, list, watch, create, patch, delete]
- apiGroups: [networking.k8s.io]
  resources: [networkpolicies]
  verbs: [get, list, watch, create, patch, delete]
- apiGroups: [policy]
  resources: [poddisruptionbudgets]
  verbs: [get, list, watch, create, patch, delete]
# patch: the annotation that wakes the kubelet; delete: a roll of an empty PBX
- apiGroups: [""]
  resources: [pods]
  verbs: [get, list, watch, patch, delete]
- apiGroups: [events.k8s.io]
  resources: [events]
  verbs: [create, patch]
{{- end }}

{{- define "ringfleet.rules.default" -}}
- apiGroups: [discovery.k8s.io]
  resources: [endpointslices]
  verbs: [get, list, watch]
{{- end }}

{{- define "ringfleet.rules.own" -}}
- apiGroups: [coordination.k8s.io]
  resources: [leases]
  verbs: [get, create, update]
{{- end }}

{{- define "ringfleet.pod" -}}
terminationGracePeriodSeconds: 15
{{- end }}

{{- define "ringfleet.container" -}}
args:
  - operator
ports:
  - name: http
    containerPort: 8080
startupProbe:
  httpGet:
    path: /readyz
    port: http
  periodSeconds: 1
  failureThreshold: 300
livenessProbe:
  httpGet:
    path: /livez
    port: http
  periodSeconds: 10
  failureThreshold: 3
  timeoutSeconds: 5
readinessProbe:
  httpGet:
    path: /readyz
    port: http
  periodSeconds: 5
{{- end }}

{{- define "ringfleet.env" -}}
- name: POD_NAMESPACE
  valueFrom:
    fieldRef:
      fieldPath: metadata.namespace
- name: POD_NAME
  valueFrom:
    fieldRef:
      fieldPath: metadata.name
- name: NODE_OPTIONS
  value: --max-old-space-size={{ .Values.maxHeapMiB }} --max-semi-space-size=4
- name: MALLOC_ARENA_MAX
  value: "1"
{{- end }}
