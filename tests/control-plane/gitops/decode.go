package main

import (
	"context"
	"fmt"

	"github.com/argoproj/argo-cd/v3/pkg/apis/application/v1alpha1"
	helmv2 "github.com/fluxcd/helm-controller/api/v2"
	kustomizev1 "github.com/fluxcd/kustomize-controller/api/v1"
	sourcev1 "github.com/fluxcd/source-controller/api/v1"
	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	"sigs.k8s.io/yaml"
)

// Reads an object of Argo CD, Flux or the Prometheus Operator into its own type, which must have all of its fields.
func decodeStrictly(_ context.Context, asked request) (any, error) {
	var kind struct {
		APIVersion string `json:"apiVersion"`
		Kind       string `json:"kind"`
	}
	if err := yaml.Unmarshal([]byte(asked.Manifests), &kind); err != nil {
		return nil, err
	}
	types := map[string]any{
		"argoproj.io/v1alpha1 Application":             &v1alpha1.Application{},
		"helm.toolkit.fluxcd.io/v2 HelmRelease":        &helmv2.HelmRelease{},
		"kustomize.toolkit.fluxcd.io/v1 Kustomization": &kustomizev1.Kustomization{},
		"source.toolkit.fluxcd.io/v1 GitRepository":    &sourcev1.GitRepository{},
		"monitoring.coreos.com/v1 ServiceMonitor":      &monitoringv1.ServiceMonitor{},
		"monitoring.coreos.com/v1 PodMonitor":          &monitoringv1.PodMonitor{},
		"monitoring.coreos.com/v1 PrometheusRule":      &monitoringv1.PrometheusRule{},
	}
	name := kind.APIVersion + " " + kind.Kind
	object, known := types[name]
	if !known {
		return nil, fmt.Errorf("%q is no kind that can be decoded here", name)
	}
	return nil, yaml.UnmarshalStrict([]byte(asked.Manifests), object)
}
