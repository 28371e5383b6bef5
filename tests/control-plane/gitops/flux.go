package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/fluxcd/cli-utils/pkg/kstatus/polling"
	"github.com/fluxcd/cli-utils/pkg/kstatus/polling/engine"
	"github.com/fluxcd/cli-utils/pkg/kstatus/status"
	"github.com/fluxcd/cli-utils/pkg/object"
	"github.com/fluxcd/pkg/apis/kustomize"
	fluxkustomize "github.com/fluxcd/pkg/kustomize"
	"github.com/fluxcd/pkg/runtime/cel"
	"github.com/fluxcd/pkg/ssa"
	"github.com/fluxcd/pkg/ssa/normalize"
	"github.com/fluxcd/pkg/ssa/utils"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/apiutil"
	"sigs.k8s.io/kustomize/api/provider"
)

// The health checks of a Kustomization.
func healthChecks(kustomization json.RawMessage) ([]kustomize.CustomHealthCheck, error) {
	var read struct {
		Spec struct {
			HealthCheckExprs []kustomize.CustomHealthCheck `json:"healthCheckExprs"`
		} `json:"spec"`
	}
	err := json.Unmarshal(kustomization, &read)
	return read.Spec.HealthCheckExprs, err
}

// What Flux makes of each object: by its conditions alone, and by the Kustomization's health checks.
func fluxHealth(ctx context.Context, asked request) (any, error) {
	checks, err := healthChecks(asked.Kustomization)
	if err != nil {
		return nil, err
	}
	objects, err := decode(asked.Objects)
	if err != nil {
		return nil, err
	}
	newReader, err := cel.NewStatusReader(checks)
	if err != nil {
		return nil, err
	}
	reader := newReader(meta.NewDefaultRESTMapper([]schema.GroupVersion{}))
	verdicts := []any{}
	for _, object := range objects {
		result, err := status.Compute(object)
		if err != nil {
			return nil, err
		}
		verdict := map[string]any{"kstatus": result.Status, "message": result.Message, "status": result.Status}
		if reader.Supports(object.GroupVersionKind().GroupKind()) {
			seen, err := reader.ReadStatusForObject(ctx, nil, object)
			if err != nil {
				return nil, err
			}
			if seen.Error != nil {
				return nil, seen.Error
			}
			verdict["status"] = seen.Status
		}
		verdicts = append(verdicts, verdict)
	}
	return verdicts, nil
}

// The manifests after the substitution of a Kustomization's postBuild variables.
func fluxSubstitute(ctx context.Context, asked request) (any, error) {
	kustomization := unstructured.Unstructured{}
	if err := kustomization.UnmarshalJSON(asked.Kustomization); err != nil {
		return nil, err
	}
	objects, err := parse(asked.Manifests, asked.Namespace)
	if err != nil {
		return nil, err
	}
	factory := provider.NewDefaultDepProvider().GetResourceFactory()
	substituted := []any{}
	for _, object := range objects {
		resource, err := factory.FromMap(object.Object)
		if err != nil {
			return nil, err
		}
		after, err := fluxkustomize.SubstituteVariables(ctx, nil, kustomization, resource,
			fluxkustomize.SubstituteWithDryRun(true))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", object.GetName(), err)
		}
		// Nothing is given back where substitution is disabled.
		if after == nil {
			after = resource
		}
		content, err := after.Map()
		if err != nil {
			return nil, err
		}
		substituted = append(substituted, content)
	}
	return substituted, nil
}

func manager(config *rest.Config, kustomization json.RawMessage) (*ssa.ResourceManager, error) {
	http, err := rest.HTTPClientFor(config)
	if err != nil {
		return nil, err
	}
	mapper, err := apiutil.NewDynamicRESTMapper(config, http)
	if err != nil {
		return nil, err
	}
	kubernetes, err := client.New(config, client.Options{Mapper: mapper, HTTPClient: http})
	if err != nil {
		return nil, err
	}
	var readers []engine.StatusReader
	if kustomization != nil {
		checks, err := healthChecks(kustomization)
		if err != nil {
			return nil, err
		}
		newReader, err := cel.NewStatusReader(checks)
		if err != nil {
			return nil, err
		}
		readers = append(readers, newReader(mapper))
	}
	poller := polling.NewStatusPoller(kubernetes, mapper, polling.Options{CustomStatusReaders: readers})
	owner := ssa.Owner{Field: "kustomize-controller", Group: "kustomize.toolkit.fluxcd.io"}
	return ssa.NewResourceManager(kubernetes, poller, owner), nil
}

// What kustomize-controller cleans up while it applies (its kustomization_controller.go): it takes over the
// fields of whoever's name begins with one of these, and drops those that the manifests do not have.
func applyOptions() ssa.ApplyOptions {
	options := ssa.DefaultApplyOptions()
	options.Cleanup = ssa.ApplyCleanupOptions{
		Annotations: []string{
			"kubectl.kubernetes.io/last-applied-configuration",
			"kustomize.toolkit.fluxcd.io/checksum",
			"fluxcd.io/sync-checksum",
		},
		Labels: []string{"fluxcd.io/sync-gc-mark"},
		FieldManagers: []ssa.FieldManager{
			{Name: "kubectl", OperationType: metav1.ManagedFieldsOperationApply},
			{Name: "kubectl", OperationType: metav1.ManagedFieldsOperationUpdate},
			{Name: "before-first-apply", OperationType: metav1.ManagedFieldsOperationUpdate},
			{Name: "kustomize-controller", OperationType: metav1.ManagedFieldsOperationUpdate},
		},
		Exclusions: map[string]string{"kustomize.toolkit.fluxcd.io/ssa": "Merge"},
	}
	return options
}

// Applies manifests and waits for them, as Flux's kustomize-controller does.
func fluxApply(ctx context.Context, asked request) (any, error) {
	config, err := restConfig(asked.Kubeconfig)
	if err != nil {
		return nil, err
	}
	flux, err := manager(config, asked.Kustomization)
	if err != nil {
		return nil, err
	}
	objects, err := parse(asked.Manifests, asked.Namespace)
	if err != nil {
		return nil, err
	}
	if err := normalize.UnstructuredList(objects); err != nil {
		return nil, err
	}
	flux.SetOwnerLabels(objects, application, asked.Namespace)
	heard.take()
	changes, err := flux.ApplyAllStaged(ctx, objects, applyOptions())
	if err != nil {
		return nil, err
	}
	actions := map[string]string{}
	set := object.ObjMetadataSet{}
	for _, change := range changes.Entries {
		actions[change.Subject] = change.Action.String()
		set = append(set, change.ObjMetadata)
	}
	answer := map[string]any{"actions": actions, "warnings": heard.take(), "failure": ""}
	if asked.Seconds > 0 {
		wait := ssa.WaitOptions{
			Interval: 200 * time.Millisecond,
			Timeout:  time.Duration(asked.Seconds) * time.Second,
			FailFast: true,
		}
		if err := flux.WaitForSetWithContext(ctx, set, wait); err != nil {
			answer["failure"] = err.Error()
		}
	}
	return answer, nil
}

// Deletes what the manifests hold and waits until it is gone, as Flux prunes.
func fluxPrune(ctx context.Context, asked request) (any, error) {
	config, err := restConfig(asked.Kubeconfig)
	if err != nil {
		return nil, err
	}
	flux, err := manager(config, asked.Kustomization)
	if err != nil {
		return nil, err
	}
	objects, err := parse(asked.Manifests, asked.Namespace)
	if err != nil {
		return nil, err
	}
	heard.take()
	changes, err := flux.DeleteAll(ctx, objects, ssa.DefaultDeleteOptions())
	if err != nil {
		return nil, err
	}
	wait := ssa.WaitOptions{
		Interval: 200 * time.Millisecond,
		Timeout:  time.Duration(asked.Seconds) * time.Second,
	}
	if err := flux.WaitForSetTermination(changes, wait); err != nil {
		return nil, err
	}
	return map[string]any{"deleted": strings.Split(utils.FmtUnstructuredList(objects), "\n"),
		"warnings": heard.take()}, nil
}
