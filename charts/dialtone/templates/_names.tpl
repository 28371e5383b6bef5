{{- define "dialtone.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 40 | trimSuffix "-" -}}
{{- end -}}

{{- /* Room is left for the name of a shard and for what Kubernetes adds to the names of Pods. */ -}}
{{- define "dialtone.fullname" -}}
{{- $name := include "dialtone.name" . -}}
{{- $long := ternary .Release.Name (printf "%s-%s" .Release.Name $name) (contains $name .Release.Name) -}}
{{- $name = regexReplaceAll "-+$" (default $long .Values.fullnameOverride | trunc 40) "" -}}
{{- if not (regexMatch "^[a-z]([-a-z0-9]*[a-z0-9])?$" $name) -}}
{{- fail (printf "fullnameOverride: set it to a name of small letters, digits and dashes that begins with a letter, since a Service cannot be called %q" $name) -}}
{{- end -}}
{{- $name -}}
{{- end -}}

{{- define "dialtone.serviceAccountName" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "dialtone.fullname" .) .Values.serviceAccount.name -}}
{{- else -}}
{{- required "serviceAccount.name: name the account to use, since serviceAccount.create is false" .Values.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{- define "dialtone.image" -}}
{{- $image := .Values.image -}}
{{- printf "%s:%s" $image.repository (default .Chart.AppVersion $image.tag) -}}
{{- with $image.digest -}}
{{- printf "@%s" . -}}
{{- end -}}
{{- end -}}

{{- /* What selectors select by: (dict "root" $ "shard" SHARD). A Deployment's never change. */ -}}
{{- define "dialtone.selectorLabels" -}}
app.kubernetes.io/name: {{ include "dialtone.name" .root | quote }}
app.kubernetes.io/instance: {{ .root.Release.Name | quote }}
{{- with (.shard | default dict).name }}
dialtone.dev/shard: {{ . | quote }}
{{- end }}
{{- end -}}

{{- /*
The metadata of an object: (dict "root" $ "name" NAME), and where it has them "namespace", "shard",
"labels" and "annotations". The chart's own labels cannot be replaced.
*/ -}}
{{- define "dialtone.metadata" -}}
name: {{ .name | quote }}
{{- with .namespace }}
namespace: {{ . | quote }}
{{- end }}
labels:
  {{- $own := dict
        "helm.sh/chart" (printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-")
        "app.kubernetes.io/version" (.root.Chart.AppVersion | toString)
        "app.kubernetes.io/managed-by" .root.Release.Service }}
  {{- $selected := include "dialtone.selectorLabels" (dict "root" .root "shard" .shard) | fromYaml }}
  {{- toYaml (merge $own $selected (deepCopy (.labels | default dict)) (deepCopy .root.Values.commonLabels)) | nindent 2 }}
{{- with merge (deepCopy (.annotations | default dict)) (deepCopy .root.Values.commonAnnotations) }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{- /* The parts of the tenants; one part without a name where all of them are worked for. */ -}}
{{- define "dialtone.shards" -}}
{{- $names := dict -}}
{{- range .Values.shards -}}
{{- if hasKey $names .name -}}
{{- fail (printf "shards: two are called %q; each needs a name of its own" .name) -}}
{{- end -}}
{{- $_ := set $names .name true -}}
{{- end -}}
{{- toYaml (default (list dict) .Values.shards) -}}
{{- end -}}
