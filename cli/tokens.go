package cli

import (
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/syncedgo/synced/remote/oauth"
)

// tokenJSON is what is known of a token.
type tokenJSON struct {
	Name    string     `json:"name"`
	Updated *time.Time `json:"updated,omitempty"`
	Refused *time.Time `json:"refused,omitempty"`
}

func tokensCommand(a *app) *cobra.Command {
	list := &cobra.Command{Use: "list", Short: "List the accounts that have one", Args: cobra.NoArgs, RunE: func(cmd *cobra.Command, _ []string) error {
		kept, err := a.kept(cmd)
		if err != nil {
			return err
		}
		var rows [][]string
		for _, t := range kept {
			if a.json {
				if err := a.object(tokenJSON{t.Name, moment(t.Updated), moment(t.Refused)}); err != nil {
					return err
				}
				continue
			}
			state := "ok"
			if !t.Refused.IsZero() {
				state = "refused " + a.ago(t.Refused) + ": the owner must consent again"
			}
			rows = append(rows, []string{t.Name, a.ago(t.Updated), state})
		}
		if a.json {
			return nil
		}
		if len(rows) == 0 {
			a.line("no tokens are kept")
			return nil
		}
		a.table([]string{"ACCOUNT", "UPDATED", "STATE"}, rows)
		return nil
	}}
	forget := &cobra.Command{Use: "forget account", Short: "Forget the token of an account", Args: cobra.ExactArgs(1), RunE: func(cmd *cobra.Command, args []string) error {
		kept, err := a.kept(cmd)
		if err != nil {
			return err
		}
		var names []string
		known := false
		for _, t := range kept {
			names, known = append(names, t.Name), known || t.Name == args[0]
		}
		if !known {
			return fmt.Errorf("no token of %s: %s", args[0], meant(args[0], names))
		}
		if err := a.registry.Tokens.Forget(cmd.Context(), args[0]); err != nil {
			return err
		}
		return a.done(tokenDone{args[0], "forgotten"}, "%s: forgotten", args[0])
	}}
	return group("tokens", "OAuth tokens of accounts", list, forget)
}

// tokenDone is what was done to a token.
type tokenDone struct {
	Name string `json:"name"`
	Done string `json:"done"`
}

func (a *app) kept(cmd *cobra.Command) ([]oauth.Kept, error) {
	if a.registry.Tokens == nil {
		return nil, errors.New("no tokens are registered: set Tokens in the cli.Registry")
	}
	return a.registry.Tokens.List(cmd.Context())
}
