package main

import (
	"encoding/json"
	"strings"
	"sync"

	"github.com/fluxcd/pkg/ssa/utils"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
)

// The warnings that the API server has sent since they were last taken.
//
// Neither Argo CD nor Flux puts a warning into what it reports: both leave it to client-go, which
// hands it to this handler. Theirs writes it to the controller's log.
type warnings struct {
	mutex sync.Mutex
	texts []string
}

var heard warnings

// HandleWarningHeader is called by client-go.
func (w *warnings) HandleWarningHeader(_ int, _ string, text string) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	w.texts = append(w.texts, text)
}

// Each warning that came since the last call, once.
func (w *warnings) take() []string {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	taken, known := []string{}, map[string]bool{}
	for _, text := range w.texts {
		if !known[text] {
			known[text] = true
			taken = append(taken, text)
		}
	}
	w.texts = nil
	return taken
}

// Has client-go hand warnings over also where a library makes its own configuration, as Argo CD's does.
func collectWarnings() {
	rest.SetDefaultWarningHandler(&heard)
}

func restConfig(kubeconfig string) (*rest.Config, error) {
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return nil, err
	}
	config.QPS, config.Burst = 200, 400
	config.WarningHandler = &heard
	return config, nil
}

// The objects of YAML documents, in the namespace where they name none.
func parse(manifests, namespace string) ([]*unstructured.Unstructured, error) {
	objects, err := utils.ReadObjects(strings.NewReader(manifests))
	if err != nil {
		return nil, err
	}
	for _, object := range objects {
		if object.GetNamespace() == "" {
			object.SetNamespace(namespace)
		}
	}
	return objects, nil
}

func decode(objects []json.RawMessage) ([]*unstructured.Unstructured, error) {
	decoded := make([]*unstructured.Unstructured, 0, len(objects))
	for _, text := range objects {
		object := &unstructured.Unstructured{}
		if err := object.UnmarshalJSON(text); err != nil {
			return nil, err
		}
		decoded = append(decoded, object)
	}
	return decoded, nil
}
