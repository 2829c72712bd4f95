package cli

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/schedule"
)

// statusJSON is how a scope of a model is.
type statusJSON struct {
	Model string `json:"model"`
	Scope string `json:"scope,omitempty"`
	// State is one word: "ok", "never" run, "running" as scheduled, "unfinished" (under way,
	// or killed), "stopped" before its end, "failed" or "paused".
	State        string     `json:"state"`
	LastAttempt  *time.Time `json:"last_attempt,omitempty"`
	LastSuccess  *time.Time `json:"last_success,omitempty"`
	LastComplete *time.Time `json:"last_complete,omitempty"`
	NotBefore    *time.Time `json:"not_before,omitempty"`
	Next         *time.Time `json:"next,omitempty"`
	Failures     int        `json:"failures,omitzero"`
	Paused       string     `json:"paused,omitempty"`
	Consent      bool       `json:"consent_needed,omitzero"`
	Quarantined  int        `json:"quarantined"`
	Refused      int        `json:"refused"`
	Error        string     `json:"error,omitempty"`
}

// status is what is known of a target.
type status struct {
	target
	synced.ScopeFreshness
	planned schedule.State // the zero State where nothing is scheduled
}

// state is how it is, in one word.
func (s status) state() string {
	switch {
	case s.planned.Paused != "":
		return "paused"
	case s.planned.Running:
		return "running"
	case s.Unfinished:
		return "unfinished"
	case s.Error != "":
		return "failed"
	case s.LastAttempt.IsZero():
		return "never"
	case !s.UnfinishedPass.IsZero():
		return "stopped"
	}
	return "ok"
}

// wrong is what people have to look at, "" where there is nothing.
func (s status) wrong() string {
	var parts []string
	if s.planned.ConsentNeeded {
		parts = append(parts, "the owner must consent again")
	} else if s.planned.Paused != "" {
		parts = append(parts, s.planned.Paused)
	}
	if s.Refused > 0 {
		parts = append(parts, count(s.Refused, "row")+" refused")
	}
	if s.Quarantined > 0 {
		parts = append(parts, fmt.Sprintf("%d in quarantine", s.Quarantined))
	}
	if s.Error != "" {
		parts = append(parts, withoutPath(s.Error))
	}
	return strings.Join(parts, "; ")
}

// withoutPath cuts what the columns beside an error say already:
// "synced: rentals (account_id 1): page 3: …".
func withoutPath(err string) string {
	rest, ours := strings.CutPrefix(err, "synced: ")
	_, what, found := strings.Cut(rest, ": ")
	if !ours || !found {
		return err
	}
	return what
}

func statusCommand(a *app) *cobra.Command {
	var at *where
	var wrong bool
	cmd := a.ofModels("status", "How fresh models are, when they run next, and what is wrong", func(cmd *cobra.Command, args []string) error {
		list, gone, err := a.statuses(cmd.Context(), args, at)
		if err != nil {
			return err
		}
		all := len(list)
		var some []status
		for _, s := range list {
			if !wrong || s.wrong() != "" || s.LastSuccess.IsZero() {
				some = append(some, s)
			}
		}
		if a.json {
			for _, s := range some {
				if err := a.object(s.json()); err != nil {
					return err
				}
			}
			return nil
		}
		return a.showStatus(some, all, gone, wrong || len(list) == 1)
	})
	at = a.scoped(cmd)
	cmd.Flags().BoolVar(&wrong, "wrong", false, "only those that people have to look at")
	return cmd
}

func (s status) json() statusJSON {
	return statusJSON{
		Model: s.Name(), Scope: s.scope.String(), State: s.state(), LastAttempt: moment(s.LastAttempt), LastSuccess: moment(s.LastSuccess),
		LastComplete: moment(s.LastComplete), NotBefore: moment(s.NotBefore), Next: moment(s.planned.Next), Failures: s.planned.Failures,
		Paused: s.planned.Paused, Consent: s.planned.ConsentNeeded, Quarantined: s.Quarantined, Refused: s.Refused, Error: s.Error,
	}
}

func (a *app) showStatus(list []status, all, gone int, whole bool) error {
	var rows [][]string
	wrong := 0
	for _, s := range list {
		next := "–"
		if s.planned.Paused == "" && !s.planned.Next.IsZero() {
			next = a.due(s.planned.Next)
		}
		if s.wrong() != "" {
			wrong++
		}
		rows = append(rows, []string{s.Name(), s.scope.String(), a.ago(s.LastSuccess), next, s.state(), s.wrong()})
	}
	if len(rows) > 0 {
		a.tableOf([]string{"MODEL", "SCOPE", "FRESH", "NEXT", "STATE", "WRONG"}, rows, whole)
	}
	a.line("%s, %d with something wrong", count(all, "scope"), wrong)
	if gone > 0 {
		a.line("%s that the service no longer has: forget --gone", count(gone, "scope"))
	}
	return nil
}

// due spells when something is due.
func (o *output) due(at time.Time) string {
	if at.Sub(o.now()) < time.Second {
		return "now"
	}
	return o.ago(at)
}

// statuses returns what is known of each target, and how many scopes are known that the
// service no longer has.
func (b *book) statuses(ctx context.Context, args []string, at *where) (list []status, gone int, err error) {
	targets, err := b.targets(ctx, args, at)
	if err != nil {
		return nil, 0, err
	}
	known := map[scopeKey]synced.ScopeFreshness{}
	for f, err := range synced.Stale(ctx, b.registry.DB, 0) {
		if err != nil {
			return nil, 0, err
		}
		known[scopeKey{f.Model, f.Scope}] = f
	}
	planned := map[scopeKey]schedule.State{}
	s, err := b.schedule(ctx)
	if err != nil {
		return nil, 0, err
	}
	if s != nil {
		for state, err := range s.List(ctx, "", synced.NoScope) {
			if err != nil {
				return nil, 0, err
			}
			planned[scopeKey{state.Model, state.Scope.String()}] = state
		}
	}
	models := map[string]bool{}
	for _, t := range targets {
		k := scopeKey{t.Name(), t.scope.String()}
		list = append(list, status{t, known[k], planned[k]})
		models[t.Name()] = true
		delete(known, k)
	}
	for k := range known {
		if models[k.model] && len(at.scopes) == 0 {
			gone++
		}
	}
	return list, gone, nil
}
