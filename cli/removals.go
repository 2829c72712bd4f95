package cli

import (
	"fmt"
	"strings"
	"time"
	"unicode"

	"github.com/spf13/cobra"

	"github.com/syncedgo/synced"
)

// removalJSON is a removal that was refused.
type removalJSON struct {
	Model       string `json:"model"`
	Scope       string `json:"scope,omitempty"`
	Parent      bool   `json:"parent,omitzero"`
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
		for _, m := range models {
			keys, err := m.keysOf(cmd.Context(), at)
			if err != nil {
				return err
			}
			for r, err := range m.RefusedRemovals(cmd.Context()) {
				if err != nil {
					return err
				}
				if keys != nil && !keys[r.Scope] {
					continue
				}
				some = true
				if err := a.refused(cmd, m, r); err != nil {
					return err
				}
			}
		}
		if err := a.checkNames(cmd.Context(), args, at, some); err != nil || some || a.json {
			return err
		}
		a.line("no removal waits to be approved")
		return nil
	})
	at = a.scoped(cmd).parented(cmd)
	return cmd
}

// refused tells of one, with the command that approves it.
func (a *app) refused(cmd *cobra.Command, m registered, r synced.RefusedRemoval) error {
	if a.json {
		return a.object(removalJSON{m.Name(), r.Scope, m.PerParent(), refusalJSON{r.Rows, r.Of, r.Reason, r.Plan}, moment(r.At), r.IDs})
	}
	t := m.spelled(r.Scope)
	a.line("%s: %d of %s, %s: %s", t, r.Rows, count(r.Of, "row"), a.ago(r.At), r.Reason)
	a.line("  %s approve %s%s --plan %s", cmd.Parent().CommandPath(), m.Name(), flagOf(t), r.Plan)
	return nil
}

// flagOf returns the flag that names a scope, as a shell wants it.
func flagOf(t target) string {
	name := oneLine(t.scope.String())
	if strings.ContainsFunc(name, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("-_.:/@", r)
	}) {
		name = "'" + strings.ReplaceAll(name, "'", `'\''`) + "'"
	}
	switch {
	case t.scope == synced.NoScope:
		return ""
	case t.parent:
		return " --parent " + name
	}
	return " --scope " + name
}

func removalsApprove(a *app) *cobra.Command {
	var at *where
	var plan string
	cmd := a.ofModel("approve", "Remove the rows of a plan after all", func(cmd *cobra.Command, args []string) error {
		ctx, s := a.listen(cmd.Context(), &progress{}, false)
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
	cmd.Flags().StringVar(&plan, "plan", "", "the `plan` that removals list shows")
	return cmd
}
