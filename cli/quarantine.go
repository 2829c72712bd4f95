package cli

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/remote"
)

// quarantinedJSON is a record in quarantine.
type quarantinedJSON struct {
	Model    string         `json:"model"`
	Scope    string         `json:"scope,omitempty"`
	Parent   bool           `json:"parent,omitzero"`
	ID       string         `json:"id"`
	Error    string         `json:"error"`
	Attempts int            `json:"attempts"`
	First    *time.Time     `json:"first,omitempty"`
	Last     *time.Time     `json:"last,omitempty"`
	Object   *remote.Object `json:"object,omitempty"`
}

func quarantineCommand(a *app) *cobra.Command {
	return group("quarantine", "Records that can't be mapped", quarantineList(a), quarantineRetry(a), quarantineDrop(a))
}

// waiting is a record in quarantine.
type waiting struct {
	registered
	synced.QuarantinedRecord
}

// inQuarantine returns the records that are there, of the scopes and ids that are named.
func (b *book) inQuarantine(ctx context.Context, args []string, w *where, ids []string) (list []waiting, err error) {
	models, err := b.named(ctx, args)
	if err != nil {
		return nil, err
	}
	for _, m := range models {
		keys, err := m.keysOf(ctx, w)
		if err != nil {
			return nil, err
		}
		for r, err := range m.Quarantined(ctx, synced.NoScope) {
			if err != nil {
				return nil, err
			}
			if (keys == nil || keys[r.Scope]) && (len(ids) == 0 || slices.Contains(ids, r.ID)) {
				list = append(list, waiting{m, r})
			}
		}
	}
	return list, b.checkNames(ctx, args, w, len(list) > 0)
}

func quarantineList(a *app) *cobra.Command {
	var at *where
	var objects bool
	cmd := a.ofModels("list", "List them, and what is wrong with each", func(cmd *cobra.Command, args []string) error {
		list, err := a.inQuarantine(cmd.Context(), args, at, nil)
		if err != nil {
			return err
		}
		var rows [][]string
		for _, r := range list {
			if a.json {
				j := quarantinedJSON{Model: r.Name(), Scope: r.Scope, Parent: r.PerParent(), ID: r.ID, Error: r.Error, Attempts: r.Attempts, First: moment(r.First), Last: moment(r.Last)}
				if objects {
					j.Object = &r.Object
				}
				if err := a.object(j); err != nil {
					return err
				}
				continue
			}
			rows = append(rows, []string{r.Name(), r.Scope, r.ID, a.ago(r.First), strconv.Itoa(r.Attempts), r.Error})
		}
		if a.json {
			return nil
		}
		if len(rows) == 0 {
			a.line("nothing is in quarantine")
			return nil
		}
		a.table([]string{"MODEL", "SCOPE", "ID", "SINCE", "TRIES", "ERROR"}, rows)
		return nil
	})
	at = a.scoped(cmd).parented(cmd)
	cmd.Flags().BoolVar(&objects, "objects", false, "with --json, print the objects too")
	return cmd
}

func quarantineRetry(a *app) *cobra.Command {
	var at *where
	var ids []string
	cmd := a.ofModels("retry", "Try them again, by runs of their scopes or for --id alone", func(cmd *cobra.Command, args []string) error {
		ctx := cmd.Context()
		list, err := a.inQuarantine(ctx, args, at, ids)
		if err != nil {
			return err
		}
		scopes, err := a.scopesOf(ctx, args)
		if err != nil {
			return err
		}
		if len(list) == 0 {
			return a.done(doneJSON{Done: "nothing is in quarantine"}, "nothing is in quarantine")
		}
		var targets []target
		for _, r := range list {
			t := r.of(ctx, r.Scope, scopes)
			if !slices.ContainsFunc(targets, func(other target) bool { return other.String() == t.String() }) {
				targets = append(targets, t)
			}
		}
		if len(ids) == 0 {
			return a.synchronize(ctx, targets, syncOptions{jobs: 1})
		}
		if len(targets) > 1 {
			return fmt.Errorf("--id: %s have such records: name one model and scope", count(len(targets), "scope"))
		}
		return a.syncRecords(ctx, targets[0], ids, false)
	})
	at = a.scoped(cmd).parented(cmd)
	cmd.Flags().StringArrayVar(&ids, "id", nil, "only the record with this remote `id`; may be given more than once")
	return cmd
}

func quarantineDrop(a *app) *cobra.Command {
	var at *where
	var ids []string
	var all bool
	cmd := a.ofModel("drop", "Drop them; they come back when the remote lists them again", func(cmd *cobra.Command, args []string) error {
		ctx := cmd.Context()
		if all == (len(ids) > 0) {
			return fmt.Errorf("say which with --id, or --all")
		}
		list, err := a.inQuarantine(ctx, args, at, ids)
		if err != nil {
			return err
		}
		scopes, err := a.scopesOf(ctx, args)
		if err != nil {
			return err
		}
		n := 0
		for _, r := range list {
			t := r.of(ctx, r.Scope, scopes)
			dropped, err := t.DropQuarantined(ctx, t.scope, keyOf(r.ID))
			if err != nil {
				return err
			}
			n += dropped
		}
		if n == 0 && len(ids) > 0 {
			return fmt.Errorf("%s: no such record is in quarantine", args[0])
		}
		return a.done(doneJSON{Model: args[0], Done: "dropped", Count: n}, "%s: %s dropped", args[0], count(n, "record"))
	})
	at = a.scoped(cmd).parented(cmd)
	cmd.Flags().StringArrayVar(&ids, "id", nil, "the record with this remote `id`; may be given more than once")
	cmd.Flags().BoolVar(&all, "all", false, "all of the model, or of the scopes that are named")
	return cmd
}

// scopesOf returns the scopes of models by their texts.
func (b *book) scopesOf(ctx context.Context, args []string) (map[string]synced.Scope, error) {
	list, err := b.targets(ctx, args, &where{})
	scopes := map[string]synced.Scope{}
	for _, t := range list {
		scopes[t.scope.String()] = t.scope
	}
	return scopes, err
}
