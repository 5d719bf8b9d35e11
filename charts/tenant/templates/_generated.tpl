{{- /* Written by `npm run generate`: edit src/api instead. */ -}}
{{- define "ringfleet-tenant.apiVersion" -}}
ringfleet.io/v1alpha1
{{- end }}

{{- define "ringfleet-tenant.lists" -}}
users: SipUser
phoneNumbers: PhoneNumber
trunks: Trunk
locations: Location
{{- end }}
