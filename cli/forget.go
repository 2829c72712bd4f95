package cli

import (
	"context"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"github.com/syncedgo/synced"
)

func forgetCommand(a *app) *cobra.Command {
	var at *where
	var gone bool
	cmd := a.ofModels("forget", "Forget what is kept of scopes, as of an account that has left", func(cmd *cobra.Command, args []string) error {
		if gone == (len(at.scopes)+len(at.parents) > 0) {
			return fmt.Errorf("say which with --scope, or --gone for what the service no longer has")
		}
		list, err := a.forgettable(cmd.Context(), args, at, gone)
		if err != nil {
			return err
		}
		for _, t := range list {
			if err := synced.Forget(cmd.Context(), t, t.scope); err != nil {
				return err
			}
			if err := a.done(doneJSON{Model: t.Name(), Scope: t.scope.String(), Done: "forgotten", Count: 1}, "%s: forgotten", t); err != nil {
				return err
			}
		}
		if len(list) == 0 && !a.json {
			a.line("nothing is kept of scopes that the service no longer has")
		}
		return nil
	})
	cmd.Long = cmd.Short + ":\nstored times, how runs went, quarantine, refused removals. Rows and the outbox\n" +
		"stay. A run that comes nonetheless is like the first, and asks for everything."
	at = a.scoped(cmd).parented(cmd)
	cmd.Flags().BoolVar(&gone, "gone", false, "every scope that ran once and that the service no longer has")
	return cmd
}

// forgettable returns the scopes to forget: those that are named, or with --gone all that
// synced still knows and the service does not.
func (b *book) forgettable(ctx context.Context, args []string, w *where, gone bool) (list []target, err error) {
	if len(w.parents) > 0 {
		return b.targets(ctx, args, w)
	}
	kept, none, err := b.gone(ctx, args)
	if err == nil && gone && none != "" {
		err = fmt.Errorf("the service has no scope of %s at all, which may be an error of its own: name those to forget with --scope", none)
	}
	if err != nil || gone {
		return kept, err
	}
	known := *w
	for _, t := range kept {
		if name := t.scope.String(); slices.Contains(w.scopes, name) {
			list = append(list, t)
			known.scopes = slices.DeleteFunc(slices.Clone(known.scopes), func(s string) bool { return s == name })
		}
	}
	if len(known.scopes) == 0 {
		return list, nil
	}
	more, err := b.targets(ctx, args, &known)
	return append(list, more...), err
}

// gone returns the scopes that have run and that the service no longer has, and the name of
// a model of which it has none.
func (b *book) gone(ctx context.Context, args []string) (list []target, none string, err error) {
	targets, err := b.targets(ctx, args, &where{})
	if err != nil {
		return nil, "", err
	}
	models, err := b.named(ctx, args)
	if err != nil {
		return nil, "", err
	}
	byName, has := map[string]registered{}, map[scopeKey]bool{}
	for _, m := range models {
		byName[m.Name()] = m
	}
	some := map[string]bool{}
	for _, t := range targets {
		some[t.Name()], has[scopeKey{t.Name(), t.scope.String()}] = true, true
	}
	for f, err := range synced.Stale(ctx, b.registry.DB, 0) {
		if err != nil {
			return nil, "", err
		}
		if m, ok := byName[f.Model]; ok && !has[scopeKey{f.Model, f.Scope}] {
			if !some[f.Model] {
				none = f.Model
			}
			list = append(list, m.ofAll(ctx, f.Scope))
		}
	}
	return list, none, nil
}

// scopeKey is a scope of a model, by their names.
type scopeKey struct{ model, scope string }
