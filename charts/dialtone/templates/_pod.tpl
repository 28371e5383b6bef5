{{- /* The command line of the operator: (dict "root" $ "shard" SHARD). */ -}}
{{- define "dialtone.args" -}}
{{- $values := .root.Values -}}
- run
- {{ printf "--log=%s" $values.log.filter | quote }}
- --log-format={{ $values.log.format }}
{{- with $values.tracing.otlpEndpoint }}
- {{ printf "--otlp-endpoint=%s" . | quote }}
{{- end }}
# Two releases in one namespace have two Leases; a shard's own is told apart by its selector.
- {{ include "dialtone.fullname" .root | printf "--lease-name=%s" | quote }}
- --lease-duration={{ $values.leaderElection.leaseDuration }}
- --renew-deadline={{ $values.leaderElection.renewDeadline }}
- --retry-period={{ $values.leaderElection.retryPeriod }}
{{- with $values.watchNamespaces }}
- --watch-namespaces={{ join "," . }}
{{- end }}
- --secret-access={{ $values.secretAccess }}
{{- with (.shard | default dict).selector }}
- {{ printf "--shard-selector=%s" . | quote }}
{{- end }}
- --concurrent={{ $values.concurrent }}
- --deletion-grace-period={{ $values.deletionGracePeriod }}
- --sync-timeout={{ $values.syncTimeout }}
- --shutdown-grace-period={{ $values.shutdownGracePeriod }}
{{- with $values.extraArgs }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "dialtone.container" -}}
{{- $values := .root.Values -}}
name: dialtone
image: {{ include "dialtone.image" .root | quote }}
imagePullPolicy: {{ $values.image.pullPolicy }}
args:
  {{- include "dialtone.args" . | nindent 2 }}
env:
  - name: POD_NAMESPACE
    valueFrom: {fieldRef: {fieldPath: metadata.namespace}}
  - name: POD_NAME
    valueFrom: {fieldRef: {fieldPath: metadata.name}}
  {{- with $values.env }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- with $values.envFrom }}
envFrom:
  {{- toYaml . | nindent 2 }}
{{- end }}
ports:
  - {name: http, containerPort: 8080, protocol: TCP}
livenessProbe:
  {{- toYaml $values.livenessProbe | nindent 2 }}
readinessProbe:
  {{- toYaml $values.readinessProbe | nindent 2 }}
resources:
  {{- toYaml (.shard.resources | default $values.resources) | nindent 2 }}
securityContext:
  {{- toYaml $values.securityContext | nindent 2 }}
{{- with $values.volumeMounts }}
volumeMounts:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{- define "dialtone.spread" -}}
{{- $selector := dict "matchLabels" (include "dialtone.selectorLabels" . | fromYaml) -}}
{{- $spread := list -}}
{{- range .root.Values.topologySpreadConstraints -}}
{{- $own := hasKey . "labelSelector" | ternary dict (dict "labelSelector" (deepCopy $selector)) -}}
{{- $spread = append $spread (merge $own .) -}}
{{- end -}}
{{- toYaml $spread -}}
{{- end -}}

{{- /* Where and as whom a Pod runs: (dict "root" $ "shard" SHARD). */ -}}
{{- define "dialtone.podSpec" -}}
{{- $values := .root.Values -}}
serviceAccountName: {{ include "dialtone.serviceAccountName" .root | quote }}
automountServiceAccountToken: true
terminationGracePeriodSeconds: {{ $values.terminationGracePeriodSeconds }}
securityContext:
  {{- toYaml $values.podSecurityContext | nindent 2 }}
{{- with $values.imagePullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $values.priorityClassName }}
priorityClassName: {{ . | quote }}
{{- end }}
{{- with $values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $values.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $values.hostAliases }}
hostAliases:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- if $values.topologySpreadConstraints }}
topologySpreadConstraints:
  {{- include "dialtone.spread" . | nindent 2 }}
{{- end }}
containers:
  - {{ include "dialtone.container" . | nindent 4 | trim }}
{{- with $values.volumes }}
volumes:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}
