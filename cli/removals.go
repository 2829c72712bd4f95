package cli

import (
	"fmt"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/syncedgo/synced"
)

// removalJSON is a removal that was refused.
type removalJSON struct {
	Model       string `json:"model"`
	Scope       string `json:"scope,omitempty"`
	refusalJSON `json:",inline"`
	At          *time.Time `json:"at,omitempty"`
	IDs         []string   `json:"ids"`
}

func removalsCommand(a *app) *cobra.Command {
	return group("removals", "Removals that were refused", removalsList(a), removalsApprove(a))
}

func removalsList(a *app) *cobra.Command {
	var at *where
	cmd := a.ofModels("list", "List them, with their plans", func(cmd *cobra.Command, args []string) error {
		models, err := a.named(cmd.Context(), args)
		if err != nil {
			return err
		}
		some := false
		scopes := slices.Concat(at.scopes, at.parents)
		for _, m := range models {
			for r, err := range m.RefusedRemovals(cmd.Context()) {
				if err != nil {
					return err
				}
				if len(scopes) > 0 && !slices.Contains(scopes, r.Scope) {
					continue
				}
				if a.json {
					j := removalJSON{m.Name(), r.Scope, refusalJSON{r.Rows, r.Of, r.Reason, r.Plan}, moment(r.At), r.IDs}
					if err := a.object(j); err != nil {
						return err
					}
					continue
				}
				t := m.of(r.Scope, nil)
				a.line("%s: %d of %s, %s: %s", t, r.Rows, count(r.Of, "row"), a.ago(r.At), r.Reason)
				a.line("  removals approve %s%s --plan %s", m.Name(), flagOf(t), r.Plan)
				some = true
			}
		}
		if !some && !a.json {
			a.line("no removal waits to be approved")
		}
		return nil
	})
	at = a.scoped(cmd).parented(cmd)
	return cmd
}

// flagOf returns the flag that names a scope.
func flagOf(t target) string {
	switch {
	case t.scope == synced.NoScope:
		return ""
	case t.parent:
		return " --parent " + t.scope.String()
	}
	return " --scope " + t.scope.String()
}

func removalsApprove(a *app) *cobra.Command {
	var at *where
	var plan string
	cmd := a.ofModel("approve", "Remove the rows of a plan after all", func(cmd *cobra.Command, args []string) error {
		ctx, s := a.listen(cmd.Context(), false)
		defer s.end()
		if plan == "" {
			return fmt.Errorf("say which with --plan, as removals list has it")
		}
		to, err := a.one(ctx, args, at)
		if err != nil {
			return err
		}
		result, err := to.ApproveRemoval(ctx, to.scope, plan, synced.Call{})
		t := tally{app: a, of: 1}
		t.tell(to, result, err)
		return t.end()
	})
	at = a.scoped(cmd).parented(cmd)
	cmd.Flags().StringVar(&plan, "plan", "", "the plan that removals list shows")
	return cmd
}
