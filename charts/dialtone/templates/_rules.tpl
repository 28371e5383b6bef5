{{- /* What the operator may do with objects, for a ClusterRole or for the Role of a namespace. */ -}}
{{- define "dialtone.rules" -}}
{{- $read := ternary (list "get" "list" "watch") (list "get") (eq .Values.secretAccess "watch") | toJson -}}
# Watches the objects, and sets finalizers. Specs are never written; RBAC cannot grant less than
# patch for a finalizer.
- apiGroups: [dialtone.dev]
  resources: [phoneproviders, mfaphonefactors, passwordlessconnections, phonetemplates, phoneidentifiers]
  verbs: [list, watch, patch]
- apiGroups: [dialtone.dev]
  resources: [auth0tenants]
  verbs: [list, watch]
# Deletes those whose time is over, if they say that they have one.
- apiGroups: [dialtone.dev]
  resources: [phonetestmessages]
  verbs: [list, watch, delete]
# Writes what became of them.
- apiGroups: [dialtone.dev]
  resources: [auth0tenants/status, phoneproviders/status, mfaphonefactors/status, passwordlessconnections/status, phonetemplates/status, phoneidentifiers/status, phonetestmessages/status]
  verbs: [patch]
# Reads credentials by name, and with secretAccess: watch their metadata, to use a new one at once.
# RBAC cannot grant metadata alone.
- apiGroups: [""]
  resources: [secrets]
  verbs: {{ $read }}
# Reads what objects take from them, and watches metadata to use a change at once.
- apiGroups: [""]
  resources: [configmaps]
  verbs: {{ $read }}
{{- if not .Values.watchNamespaces }}
# Labels decide which tenants let a namespace in; a namespace that is being deleted waits for
# nothing.
- apiGroups: [""]
  resources: [namespaces]
  verbs: [list, watch]
{{- end }}
# Says what happened, at the object that it happened to.
- apiGroups: [events.k8s.io]
  resources: [events]
  verbs: [create, patch]
{{- end -}}

{{- define "dialtone.subjects" -}}
- kind: ServiceAccount
  name: {{ include "dialtone.serviceAccountName" . | quote }}
  namespace: {{ .Release.Namespace | quote }}
{{- end -}}
