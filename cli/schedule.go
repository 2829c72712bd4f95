package cli

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/schedule"
)

// plannedJSON is what is scheduled of a scope.
type plannedJSON struct {
	Model        string     `json:"model"`
	Scope        string     `json:"scope,omitempty"`
	Every        float64    `json:"every_seconds"`
	Next         *time.Time `json:"next,omitempty"`
	NextComplete *time.Time `json:"next_complete,omitempty"`
	Running      bool       `json:"running"`
	By           string     `json:"by,omitempty"`
	Began        *time.Time `json:"began,omitempty"`
	Ended        *time.Time `json:"ended,omitempty"`
	Succeeded    *time.Time `json:"succeeded,omitempty"`
	Failures     int        `json:"failures"`
	Error        string     `json:"error,omitempty"`
	Paused       string     `json:"paused,omitempty"`
	Consent      bool       `json:"consent_needed,omitzero"`
}

func scheduleCommand(a *app) *cobra.Command {
	var why string
	pause := a.steering("pause", "Keep scopes from being run", "paused", func(ctx context.Context, s *schedule.Schedule, model string, scope synced.Scope) (int, error) {
		return s.Pause(ctx, model, scope, why)
	})
	pause.Flags().StringVar(&why, "why", "", "what status shows")
	return group("schedule", "What runs when", scheduleList(a), pause,
		a.steering("resume", "Run paused scopes again", "resumed", func(ctx context.Context, s *schedule.Schedule, model string, scope synced.Scope) (int, error) {
			return s.Resume(ctx, model, scope)
		}),
		a.steering("run", "Make scopes due now, wherever the schedule runs", "due now", func(ctx context.Context, s *schedule.Schedule, model string, scope synced.Scope) (int, error) {
			return s.RunNow(ctx, model, scope)
		}),
		scheduleStart(a))
}

func scheduleList(a *app) *cobra.Command {
	var at *where
	cmd := a.ofModels("list", "List what is scheduled", func(cmd *cobra.Command, args []string) error {
		ctx := cmd.Context()
		s, err := a.mustSchedule(ctx)
		if err != nil {
			return err
		}
		var rows [][]string
		err = a.eachChoice(ctx, args, at, func(model string, scope synced.Scope) error {
			for p, err := range s.List(ctx, model, scope) {
				if err != nil {
					return err
				}
				if a.json {
					j := plannedJSON{
						p.Model, p.Scope.String(), p.Every.Seconds(), moment(p.Next), moment(p.NextComplete), p.Running, p.By,
						moment(p.Began), moment(p.Ended), moment(p.Succeeded), p.Failures, p.Error, p.Paused, p.ConsentNeeded,
					}
					if err := a.object(j); err != nil {
						return err
					}
					continue
				}
				rows = append(rows, a.planned(p))
			}
			return nil
		})
		if err != nil || a.json {
			return err
		}
		if len(rows) == 0 {
			a.line(unscheduled)
			return nil
		}
		a.table([]string{"MODEL", "SCOPE", "EVERY", "NEXT", "LAST", "FAILURES", "NOTE"}, rows)
		return nil
	})
	at = a.scoped(cmd)
	return cmd
}

func (a *app) planned(p schedule.State) []string {
	next, note := a.due(p.Next), withoutPath(p.Error)
	switch {
	case p.Paused != "":
		next, note = "paused", p.Paused
	case p.Running:
		next, note = "running", "by "+p.By
	}
	return []string{p.Model, p.Scope.String(), p.Every.String(), next, a.ago(p.Ended), strconv.Itoa(p.Failures), note}
}

// steering returns a command that steers scopes of the schedule.
func (a *app) steering(name, short, done string, steer func(context.Context, *schedule.Schedule, string, synced.Scope) (int, error)) *cobra.Command {
	var at *where
	var all bool
	cmd := a.ofModels(name, short, func(cmd *cobra.Command, args []string) error {
		if len(args)+len(at.scopes) == 0 && !all {
			return fmt.Errorf("name a model or a --scope, or say --all")
		}
		ctx := cmd.Context()
		s, err := a.mustSchedule(ctx)
		if err != nil {
			return err
		}
		n := 0
		err = a.eachChoice(ctx, args, at, func(model string, scope synced.Scope) error {
			some, err := steer(ctx, s, model, scope)
			n += some
			return err
		})
		if err != nil {
			return err
		}
		if n == 0 {
			if err := a.scheduled(ctx, s, args, at); err != nil {
				return err
			}
		}
		return a.done(doneJSON{Done: done, Count: n}, "%s %s", count(n, "scope"), done)
	})
	at = a.scoped(cmd)
	cmd.Flags().BoolVar(&all, "all", false, "every scope of every model")
	return cmd
}

// unscheduled is where no schedule has run yet.
const unscheduled = "nothing is known yet: a schedule that runs makes its scopes known"

// scheduled is an error where the schedule knows nothing of what is named.
func (a *app) scheduled(ctx context.Context, s *schedule.Schedule, args []string, at *where) error {
	known := false
	err := a.eachChoice(ctx, args, at, func(model string, scope synced.Scope) error {
		for _, err := range s.List(ctx, model, scope) {
			known = true
			return err
		}
		return nil
	})
	if err == nil && !known {
		err = errors.New(unscheduled)
	}
	return err
}

// eachChoice calls do for the model and each scope that is named, or once for all.
func (b *book) eachChoice(ctx context.Context, args []string, at *where, do func(model string, scope synced.Scope) error) error {
	list, err := b.named(ctx, args)
	if err != nil {
		return err
	}
	if len(at.scopes) == 0 {
		model := ""
		if len(args) > 0 {
			model = list[0].Name()
		}
		return do(model, synced.NoScope)
	}
	targets, err := b.targets(ctx, args, at)
	for _, t := range targets {
		if err == nil && t.entry.Every > 0 {
			err = do(t.Name(), t.scope)
		}
	}
	return err
}

func scheduleStart(a *app) *cobra.Command {
	return &cobra.Command{Use: "start", Short: "Run the schedule until Ctrl-C", Args: cobra.NoArgs, RunE: func(cmd *cobra.Command, _ []string) error {
		s, err := a.mustSchedule(cmd.Context())
		if err != nil {
			return err
		}
		ctx, stop := a.listen(cmd.Context(), &progress{}, false) // the schedule waits for its runs itself
		defer stop.end()
		a.note("running the schedule; Ctrl-C lets its runs end, once more ends it at once")
		return s.Run(ctx)
	}}
}
