// Command gitops lets tests ask the libraries of Argo CD and of Flux what they make of objects, and reads
// objects of these and of the Prometheus Operator into their own types.
//
// It reads one request a line from standard input, as JSON, and answers each with one line on
// standard output: {"answer": …} or {"error": "…"}. What the libraries log goes to standard error.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
)

// A request of a test. Which fields count depends on what is asked for.
type request struct {
	// Do names what is asked for, as in the table of commands.
	Do string `json:"do"`
	// Kubeconfig is the path of a kubeconfig.
	Kubeconfig string `json:"kubeconfig"`
	// Namespace is where manifests without a namespace of their own go.
	Namespace string `json:"namespace"`
	// ArgoNamespace is where argocd-cm is.
	ArgoNamespace string `json:"argoNamespace"`
	// Manifests are YAML documents.
	Manifests string `json:"manifests"`
	// Objects are objects as the API server has them.
	Objects []json.RawMessage `json:"objects"`
	// Action is the name of one of Argo CD's resource actions.
	Action string `json:"action"`
	// Prune has a sync delete what the manifests hold no more.
	Prune bool `json:"prune"`
	// ServerSide has Argo CD apply on the server's side.
	ServerSide bool `json:"serverSide"`
	// Kustomization is one of Flux, as JSON.
	Kustomization json.RawMessage `json:"kustomization"`
	// Seconds is how long to wait at most.
	Seconds int `json:"seconds"`
}

// The commands and what carries them out.
var commands = map[string]func(context.Context, request) (any, error){
	"decode":          decodeStrictly,
	"argo-health":     argoHealth,
	"argo-actions":    argoActions,
	"argo-action":     argoAction,
	"argo-sync":       argoSync,
	"argo-compare":    argoCompare,
	"flux-health":     fluxHealth,
	"flux-substitute": fluxSubstitute,
	"flux-apply":      fluxApply,
	"flux-prune":      fluxPrune,
}

func main() {
	collectWarnings()
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 16<<20)
	out := json.NewEncoder(os.Stdout)
	for lines.Scan() {
		if err := out.Encode(reply(lines.Bytes())); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	if err := lines.Err(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func reply(line []byte) map[string]any {
	answer, err := carryOut(line)
	if err != nil {
		return map[string]any{"error": err.Error()}
	}
	return map[string]any{"answer": answer}
}

func carryOut(line []byte) (any, error) {
	var asked request
	if err := json.Unmarshal(line, &asked); err != nil {
		return nil, err
	}
	command, known := commands[asked.Do]
	if !known {
		return nil, fmt.Errorf("there is no command %q", asked.Do)
	}
	return command(context.Background(), asked)
}
