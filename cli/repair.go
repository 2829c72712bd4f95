package cli

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/syncedgo/synced"
)

// doneJSON is what was done to a model and scope.
type doneJSON struct {
	Model string `json:"model,omitempty"`
	Scope string `json:"scope,omitempty"`
	Done  string `json:"done"`
	// Count is how many records, rows or scopes it was done to.
	Count int `json:"count"`
}

func resetCommand(a *app) *cobra.Command {
	var at *where
	var all bool
	cmd := a.ofModel("reset", "Have the next run ask for everything", func(cmd *cobra.Command, args []string) error {
		if !all && len(at.scopes)+len(at.parents) == 0 {
			return fmt.Errorf("say which with --scope, or --all for every scope of %s", args[0])
		}
		list, err := a.targets(cmd.Context(), args, at)
		if err != nil {
			return err
		}
		for _, t := range list {
			err := t.Reset(cmd.Context(), t.scope)
			done := "reset"
			if errors.Is(err, synced.ErrNothingToReset) {
				done, err = "nothing to reset", nil
			}
			if err != nil {
				return err
			}
			if err := a.done(doneJSON{Model: t.Name(), Scope: t.scope.String(), Done: done, Count: 1}, "%s: %s", t, done); err != nil {
				return err
			}
		}
		return nil
	})
	at = a.scoped(cmd).parented(cmd)
	cmd.Flags().BoolVar(&all, "all", false, "every scope of the model")
	return cmd
}

func remapCommand(a *app) *cobra.Command {
	var at *where
	cmd := a.ofModel("remap", "Map the stored objects again, without asking the remote", func(cmd *cobra.Command, args []string) error {
		ctx, s := a.listen(cmd.Context(), &progress{}, false)
		defer s.end()
		list, err := a.named(ctx, args)
		if err != nil {
			return err
		}
		targets := []target{{registered: list[0]}} // NoScope is every one
		if len(at.scopes)+len(at.parents) > 0 {
			if targets, err = a.targets(ctx, args, at); err != nil {
				return err
			}
		}
		t := tally{app: a, of: len(targets)}
		for _, one := range targets {
			result, err := one.Remap(ctx, one.scope)
			t.tell(one, result, err)
		}
		return t.end()
	})
	at = a.scoped(cmd).parented(cmd)
	return cmd
}

// done tells what was done.
func (o *output) done(v any, format string, args ...any) error {
	if o.json {
		return o.object(v)
	}
	o.line(format, args...)
	return nil
}
