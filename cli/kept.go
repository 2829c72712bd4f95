package cli

import (
	"context"
	"slices"

	"github.com/syncedgo/synced"
)

// keysOf returns for which keys something is kept of a model that belongs to the scopes or
// parents that are named; nil is all. A model that is listed for each parent keeps by
// parent what waits for people, so that a scope stands for those it has.
func (m registered) keysOf(ctx context.Context, w *where) (map[string]bool, error) {
	if len(w.scopes)+len(w.parents) == 0 {
		return nil, nil
	}
	keys := map[string]bool{}
	if !m.PerParent() {
		for _, scope := range w.scopes {
			keys[scope] = true
		}
		return keys, nil
	}
	for _, parent := range w.parents {
		keys[parent] = true
	}
	if len(w.scopes) == 0 {
		return keys, nil
	}
	for scope, err := range m.entry.Scopes(ctx) {
		if err != nil {
			return nil, err
		}
		if !slices.Contains(w.scopes, scope.String()) {
			continue
		}
		for parent, err := range synced.ParentsOf(ctx, m, scope) {
			if err != nil {
				return nil, err
			}
			keys[parent.String()] = true
		}
	}
	return keys, nil
}

// checkNames finds names of scopes and parents that there are not. Where something is kept
// for them, there once were.
func (b *book) checkNames(ctx context.Context, args []string, w *where, kept bool) error {
	if kept && len(w.parents) == 0 {
		return nil
	}
	_, err := b.targets(ctx, args, w)
	return err
}

// of returns where something is kept, by the key of the scope there.
func (m registered) of(ctx context.Context, key string, scopes map[string]synced.Scope) target {
	if scope, ok := scopes[key]; ok && !m.PerParent() {
		return target{registered: m, scope: scope}
	}
	return m.at(ctx, key) // of a parent, or the service no longer has it
}

// spelled is of, for what is only shown.
func (m registered) spelled(key string) target {
	switch {
	case key == "":
		return target{registered: m}
	case m.PerParent():
		return target{m, synced.InParent(key), true}
	}
	return target{registered: m, scope: synced.In(key)}
}
