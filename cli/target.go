package cli

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"unicode"

	"github.com/spf13/cobra"

	"github.com/syncedgo/synced"
)

// target is one model and scope.
type target struct {
	registered
	scope  synced.Scope
	parent bool // the scope is one parent's
}

func (t target) String() string {
	switch {
	case t.scope == synced.NoScope:
		return t.Name()
	case t.parent:
		return t.Name() + ", parent " + shown(t.scope)
	}
	return t.Name() + " " + shown(t.scope)
}

// shown is a scope on a line for people.
func shown(scope synced.Scope) string { return oneLine(scope.String()) }

// where says which models and scopes a command is for.
type where struct {
	scopes  []string
	parents []string
}

// scoped adds the flags for scopes.
func (a *app) scoped(cmd *cobra.Command) *where {
	w := &where{}
	cmd.Flags().StringArrayVarP(&w.scopes, "scope", "s", nil, "only this `scope`, such as an account; may be given more than once")
	_ = cmd.RegisterFlagCompletionFunc("scope", a.completeScopes) // it is defined
	return w
}

// parented adds the flag for parents of models that are listed for each.
func (w *where) parented(cmd *cobra.Command) *where {
	cmd.Flags().StringArrayVar(&w.parents, "parent", nil, "only this parent, by the local `key` of its row, of a model that is listed for each")
	return w
}

// targets returns what is meant: every scope that the models have now, where none is given.
func (b *book) targets(ctx context.Context, args []string, w *where) (list []target, err error) {
	models, err := b.named(ctx, args)
	if err != nil {
		return nil, err
	}
	if len(w.parents) > 0 {
		return namedParents(ctx, models, args, w)
	}
	left := map[string]bool{}
	for _, s := range w.scopes {
		left[s] = true
	}
	var known []string
	for _, m := range models {
		for scope, err := range m.entry.Scopes(ctx) {
			if err != nil {
				return nil, fmt.Errorf("%s: ask for its scopes: %w", m.Name(), err)
			}
			text := scope.String()
			if _, wanted := left[text]; len(w.scopes) > 0 && !wanted {
				known = append(known, text)
				continue
			}
			left[text] = false
			list = append(list, target{registered: m, scope: scope})
		}
	}
	for _, s := range w.scopes {
		if left[s] {
			of := ""
			if len(args) > 0 {
				of = args[0] + " has "
			}
			return nil, fmt.Errorf("%sno scope %s: %s", of, s, meant(s, known))
		}
	}
	return list, nil
}

// namedParents returns the parents that --parent names.
func namedParents(ctx context.Context, models []registered, args []string, w *where) (list []target, err error) {
	if len(args) == 0 || len(w.scopes) > 0 {
		return nil, fmt.Errorf("--parent is for one model, and goes without --scope: name the model")
	}
	if !models[0].PerParent() {
		return nil, fmt.Errorf("--parent: %s is not listed for each parent: give a --scope", models[0].Name())
	}
	for _, key := range w.parents {
		list = append(list, models[0].at(ctx, key))
	}
	return list, nil
}

// eachParent returns targets for what goes parent by parent: in place of all parents of a
// scope, each of them.
func eachParent(ctx context.Context, targets []target) (list []target, err error) {
	for _, t := range targets {
		if !t.PerParent() || t.parent {
			list = append(list, t)
			continue
		}
		for parent, err := range synced.ParentsOf(ctx, t, t.scope) {
			if err != nil {
				return nil, err
			}
			list = append(list, target{t.registered, parent, true})
		}
	}
	return list, nil
}

// at returns what is kept of a model for a key: of a parent where it is listed for each.
func (m registered) at(ctx context.Context, key string) target {
	if m.PerParent() && key != "" {
		return target{m, m.scopeFor(ctx, key, synced.InParent), true}
	}
	return m.ofAll(ctx, key)
}

// ofAll returns a scope of the model by its key: of all parents where it is listed for each.
func (m registered) ofAll(ctx context.Context, key string) target {
	if key == "" {
		return target{registered: m}
	}
	return target{registered: m, scope: m.scopeFor(ctx, key, synced.In)}
}

// scopeFor makes a scope of a key. Nothing tells whether digits are a number or a text, so the
// model is asked.
func (m registered) scopeFor(ctx context.Context, key string, of func(any) synced.Scope) synced.Scope {
	scope := of(keyOf(key))
	if _, err := m.Freshness(ctx, scope); err != nil {
		return of(key)
	}
	return scope
}

// keyOf is a key as it was written: an integer, or a text.
func keyOf(text string) any {
	if n, err := strconv.ParseInt(text, 10, 64); err == nil && strconv.FormatInt(n, 10) == text {
		return n
	}
	return text
}

// one returns the only scope, where a command is for one.
func (b *book) one(ctx context.Context, args []string, w *where) (target, error) {
	list, err := b.targets(ctx, args, w)
	if err == nil && len(list) != 1 {
		err = fmt.Errorf("%s has %d scopes: choose one with --scope", args[0], len(list))
	}
	if err != nil {
		return target{}, err
	}
	return list[0], nil
}

// meant says which of some names may have been meant.
func meant(name string, names []string) string {
	// Cobra knows which of its commands are close to a name.
	root := &cobra.Command{SuggestionsMinimumDistance: 2}
	names = distinct(names)
	for _, n := range names {
		if n != "" && !strings.ContainsFunc(n, unicode.IsSpace) {
			root.AddCommand(&cobra.Command{Use: n, Run: func(*cobra.Command, []string) {}})
		}
	}
	switch near := root.SuggestionsFor(name); {
	case len(near) > 0:
		return "did you mean " + strings.Join(near[:min(len(near), 3)], " or ") + "?"
	case len(names) == 0:
		return "there are none"
	case len(names) > 10:
		return fmt.Sprintf("there are %d, such as %s", len(names), names[0])
	default:
		return "there is " + strings.Join(names, ", ")
	}
}

// distinct leaves out names that come again, as scopes do that several models have.
func distinct(names []string) (list []string) {
	seen := map[string]bool{}
	for _, n := range names {
		if !seen[n] {
			seen[n], list = true, append(list, oneLine(n))
		}
	}
	return list
}

// completeModels completes the name of a model.
func (b *book) completeModels(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	list, err := b.models(cmd.Context())
	if err != nil || len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var names []string
	for _, m := range list {
		names = append(names, m.Name())
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}

// mostCompleted is how many scopes are completed at most.
const mostCompleted = 100

// completeScopes completes scopes of the model that was named, or of all.
func (b *book) completeScopes(cmd *cobra.Command, args []string, begun string) (found []string, _ cobra.ShellCompDirective) {
	list, err := b.named(cmd.Context(), args[:min(len(args), 1)])
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	seen := map[string]bool{}
	for _, m := range list {
		for scope, err := range m.entry.Scopes(cmd.Context()) {
			if err != nil || len(found) == mostCompleted {
				break
			}
			if s := scope.String(); s != "" && !seen[s] && strings.HasPrefix(s, begun) && s == oneLine(s) {
				seen[s], found = true, append(found, s)
			}
		}
	}
	return found, cobra.ShellCompDirectiveNoFileComp
}
