package main

import (
	"context"
	"slices"
	"strings"

	"github.com/argoproj/argo-cd/gitops-engine/v3/pkg/health"
	"github.com/argoproj/argo-cd/v3/util/lua"
	"github.com/argoproj/argo-cd/v3/util/settings"
	"k8s.io/client-go/kubernetes"
)

// What Argo CD's own reader of settings finds in argocd-cm.
func customizations(ctx context.Context, kubeconfig, namespace string) (lua.ResourceHealthOverrides, error) {
	config, err := restConfig(kubeconfig)
	if err != nil {
		return nil, err
	}
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	return settings.NewSettingsManager(ctx, client, namespace).GetResourceOverrides()
}

// The health of each object; an object that Argo CD has no opinion of is null.
func argoHealth(ctx context.Context, asked request) (any, error) {
	overrides, err := customizations(ctx, asked.Kubeconfig, asked.ArgoNamespace)
	if err != nil {
		return nil, err
	}
	objects, err := decode(asked.Objects)
	if err != nil {
		return nil, err
	}
	verdicts := make([]*health.HealthStatus, 0, len(objects))
	for _, object := range objects {
		verdict, err := health.GetResourceHealth(object, overrides)
		if err != nil {
			return nil, err
		}
		verdicts = append(verdicts, verdict)
	}
	return verdicts, nil
}

// The names of the actions that are offered for each object and can be chosen.
func argoActions(ctx context.Context, asked request) (any, error) {
	overrides, err := customizations(ctx, asked.Kubeconfig, asked.ArgoNamespace)
	if err != nil {
		return nil, err
	}
	objects, err := decode(asked.Objects)
	if err != nil {
		return nil, err
	}
	engine := lua.VM{ResourceOverrides: overrides}
	offered := make([][]string, 0, len(objects))
	for _, object := range objects {
		scripts, err := engine.GetResourceActionDiscovery(object)
		if err != nil {
			return nil, err
		}
		actions, err := engine.ExecuteResourceActionDiscovery(object, scripts)
		if err != nil {
			return nil, err
		}
		names := []string{}
		for _, action := range actions {
			if !action.Disabled {
				names = append(names, action.Name)
			}
		}
		slices.SortFunc(names, strings.Compare)
		offered = append(offered, names)
	}
	return offered, nil
}

// Each object as an action leaves it.
func argoAction(ctx context.Context, asked request) (any, error) {
	overrides, err := customizations(ctx, asked.Kubeconfig, asked.ArgoNamespace)
	if err != nil {
		return nil, err
	}
	objects, err := decode(asked.Objects)
	if err != nil {
		return nil, err
	}
	engine := lua.VM{ResourceOverrides: overrides}
	changed := []any{}
	for _, object := range objects {
		action, err := engine.GetResourceAction(object, asked.Action)
		if err != nil {
			return nil, err
		}
		results, err := engine.ExecuteResourceAction(object, action.ActionLua, nil)
		if err != nil {
			return nil, err
		}
		for _, result := range results {
			changed = append(changed, result.UnstructuredObj.Object)
		}
	}
	return changed, nil
}
