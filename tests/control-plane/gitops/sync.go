package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/argoproj/argo-cd/gitops-engine/v3/pkg/cache"
	"github.com/argoproj/argo-cd/gitops-engine/v3/pkg/diff"
	"github.com/argoproj/argo-cd/gitops-engine/v3/pkg/health"
	"github.com/argoproj/argo-cd/gitops-engine/v3/pkg/sync"
	"github.com/argoproj/argo-cd/gitops-engine/v3/pkg/sync/common"
	"github.com/argoproj/argo-cd/gitops-engine/v3/pkg/utils/kube"
	"github.com/argoproj/argo-cd/gitops-engine/v3/pkg/utils/tracing"
	"github.com/argoproj/argo-cd/v3/util/lua"
	"github.com/go-logr/logr"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/rest"
)

// The annotation by which Argo CD knows what belongs to an application.
const tracking = "argocd.argoproj.io/tracking-id"

const application = "phone"

// An application in Argo CD's sense: manifests, a namespace, and what is there.
type app struct {
	config    *rest.Config
	namespace string
	overrides lua.ResourceHealthOverrides
	targets   []*unstructured.Unstructured
	cluster   cache.ClusterCache
}

// What an Argo CD that nobody has configured looks at. It leaves out more, but the API server warns of
// this kind alone.
type defaults struct{}

func (defaults) IsExcludedResource(_, kind, _ string) bool { return kind == "Endpoints" }
func (defaults) GetLabelSelector(_, _, _ string) string    { return "" }

func openApp(ctx context.Context, asked request) (*app, error) {
	overrides, err := customizations(ctx, asked.Kubeconfig, asked.ArgoNamespace)
	if err != nil {
		return nil, err
	}
	config, err := restConfig(asked.Kubeconfig)
	if err != nil {
		return nil, err
	}
	targets, err := parse(asked.Manifests, asked.Namespace)
	if err != nil {
		return nil, err
	}
	for _, target := range targets {
		annotations := target.GetAnnotations()
		if annotations == nil {
			annotations = map[string]string{}
		}
		kind := target.GroupVersionKind()
		annotations[tracking] = fmt.Sprintf("%s:%s/%s:%s/%s", application, kind.Group, kind.Kind,
			target.GetNamespace(), target.GetName())
		target.SetAnnotations(annotations)
	}
	cluster := cache.NewClusterCache(config,
		cache.SetLogr(logr.Discard()),
		cache.SetNamespaces([]string{asked.Namespace}),
		cache.SetSettings(cache.Settings{ResourceHealthOverride: overrides, ResourcesFilter: defaults{}}),
		cache.SetPopulateResourceInfoHandler(func(object *unstructured.Unstructured, _ bool) (any, bool) {
			managed := object.GetAnnotations()[tracking] != ""
			return managed, managed
		}))
	if err := cluster.EnsureSynced(); err != nil {
		return nil, err
	}
	return &app{config, asked.Namespace, overrides, targets, cluster}, nil
}

// What is wanted beside what is there.
func (a *app) reconcile() (sync.ReconciliationResult, error) {
	targets := make([]*unstructured.Unstructured, 0, len(a.targets))
	for _, target := range a.targets {
		targets = append(targets, target.DeepCopy())
	}
	managed := func(resource *cache.Resource) bool { return resource.Info == true }
	live, err := a.cluster.GetManagedLiveObjs(targets, managed)
	if err != nil {
		return sync.ReconciliationResult{}, err
	}
	return sync.Reconcile(targets, live, a.namespace, a.cluster), nil
}

// One resource after a sync.
type synced struct {
	Kind    string `json:"kind"`
	Name    string `json:"name"`
	Status  string `json:"status"`
	Message string `json:"message"`
}

// Syncs as Argo CD's controller does: each step looks at the cluster anew and goes on where the last
// one stopped, until the operation is over or the time is up.
func argoSync(ctx context.Context, asked request) (any, error) {
	app, err := openApp(ctx, asked)
	if err != nil {
		return nil, err
	}
	defer app.cluster.Invalidate()
	heard.take()
	ctx, cancel := context.WithTimeout(ctx, time.Duration(asked.Seconds)*time.Second)
	defer cancel()
	phase, message := common.OperationRunning, ""
	var results []common.ResourceSyncResult
	started := metav1.Now()
	for !phase.Completed() {
		phase, message, results, err = app.step(ctx, asked, phase, message, results, started)
		if err != nil {
			return nil, err
		}
		if phase.Completed() {
			break
		}
		select {
		case <-ctx.Done():
			return nil, errors.New("the sync hangs: " + message)
		case <-time.After(200 * time.Millisecond):
		}
	}
	resources := []synced{}
	for _, result := range results {
		resources = append(resources, synced{result.ResourceKey.Kind, result.ResourceKey.Name,
			string(result.Status), result.Message})
	}
	return map[string]any{"phase": phase, "message": message, "resources": resources,
		"warnings": heard.take()}, nil
}

func (a *app) step(ctx context.Context, asked request, phase common.OperationPhase, message string,
	results []common.ResourceSyncResult, started metav1.Time,
) (common.OperationPhase, string, []common.ResourceSyncResult, error) {
	state, err := a.reconcile()
	if err != nil {
		return phase, message, results, err
	}
	kubectl := &kube.KubectlCmd{Log: logr.Discard(), Tracer: tracing.NopTracer{}}
	operation, cleanup, err := sync.NewSyncContext("main", state, a.config, a.config, kubectl, a.namespace,
		sync.WithInitialState(phase, message, results, started),
		sync.WithLogr(logr.Discard()),
		sync.WithHealthOverride(a.overrides),
		sync.WithPrune(asked.Prune),
		sync.WithServerSideApply(asked.ServerSide),
		sync.WithServerSideApplyManager("argocd-controller"))
	if err != nil {
		return phase, message, results, err
	}
	defer cleanup()
	operation.Sync(ctx)
	phase, message, results = operation.GetState()
	return phase, message, results, nil
}

// How one resource of an application stands.
type standing struct {
	Kind    string `json:"kind"`
	Name    string `json:"name"`
	Synced  bool   `json:"synced"`
	Health  string `json:"health"`
	Message string `json:"message"`
	// Wanted and Live are what differs.
	Wanted string `json:"wanted,omitempty"`
	Live   string `json:"live,omitempty"`
}

// Compares an application with the cluster, as Argo CD does to say Synced or OutOfSync.
func argoCompare(ctx context.Context, asked request) (any, error) {
	app, err := openApp(ctx, asked)
	if err != nil {
		return nil, err
	}
	defer app.cluster.Invalidate()
	state, err := app.reconcile()
	if err != nil {
		return nil, err
	}
	differences, err := diff.DiffArray(ctx, state.Target, state.Live,
		diff.WithLogr(logr.Discard()), diff.WithGVKParser(app.cluster.GetGVKParser()))
	if err != nil {
		return nil, err
	}
	standings := []standing{}
	for index, difference := range differences.Diffs {
		target, live := state.Target[index], state.Live[index]
		one := standing{Synced: target != nil && live != nil && !difference.Modified}
		if difference.Modified {
			one.Wanted, one.Live = string(difference.PredictedLive), string(difference.NormalizedLive)
		}
		object := live
		if live == nil {
			object, one.Health = target, string(health.HealthStatusMissing)
		} else if verdict, err := health.GetResourceHealth(live, app.overrides); err != nil {
			return nil, err
		} else if verdict != nil {
			one.Health, one.Message = string(verdict.Status), verdict.Message
		}
		one.Kind, one.Name = object.GetKind(), object.GetName()
		standings = append(standings, one)
	}
	return standings, nil
}
