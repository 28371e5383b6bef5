{{- /* Values that are right each, and do not go together: the operator would end with an error at its start, or
       be stopped in the middle of its work. */ -}}
{{- define "dialtone.together" -}}
{{- $lease := include "dialtone.milliseconds" .Values.leaderElection.leaseDuration | int64 -}}
{{- $renew := include "dialtone.milliseconds" .Values.leaderElection.renewDeadline | int64 -}}
{{- $retry := include "dialtone.milliseconds" .Values.leaderElection.retryPeriod | int64 -}}
{{- if or (lt $lease 1000) (mod $lease 1000) -}}
{{- fail "leaderElection.leaseDuration: it must be a whole number of seconds, at least 1" -}}
{{- end -}}
{{- if ge $renew $lease -}}
{{- fail "leaderElection.renewDeadline: it must be shorter than leaseDuration, so that a leader stops before another begins" -}}
{{- end -}}
{{- if or (lt $retry 1) (ge (mul 2 $retry) $renew) -}}
{{- fail "leaderElection.retryPeriod: it must be more than zero and shorter than half of renewDeadline" -}}
{{- end -}}
{{- $shutdown := include "dialtone.milliseconds" .Values.shutdownGracePeriod | int64 -}}
{{- if ge $shutdown (mul 1000 (int64 .Values.terminationGracePeriodSeconds)) -}}
{{- fail "terminationGracePeriodSeconds: it must be more than shutdownGracePeriod, or a pass is cut off" -}}
{{- end -}}
{{- range .Values.env -}}
{{- if has .name (list "POD_NAMESPACE" "POD_NAME") -}}
{{- fail (printf "env: %s is set by the chart itself" .name) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- /* A duration such as 1m30s in milliseconds. */ -}}
{{- define "dialtone.milliseconds" -}}
{{- $units := dict "ms" 1 "s" 1000 "m" 60000 "h" 3600000 -}}
{{- $total := int64 0 -}}
{{- range regexFindAll "[0-9]+(ms|[smh])" . -1 -}}
{{- $count := regexFind "^[0-9]+" . | int64 -}}
{{- $total = add $total (mul $count (get $units (regexFind "[a-z]+$" .))) -}}
{{- end -}}
{{- $total -}}
{{- end -}}
