package cli

import (
	"fmt"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/outbox"
)

// consumerJSON is how far a consumer of the outbox is.
type consumerJSON struct {
	Consumer string     `json:"consumer"`
	Position int64      `json:"position"`
	Behind   int64      `json:"behind"`
	Oldest   *time.Time `json:"oldest,omitempty"`
}

// week is how long things are kept by default.
const week = 7 * 24 * time.Hour

func outboxCommand(a *app) *cobra.Command {
	return group("outbox", "Consumers of the changes that runs made", outboxStatus(a), outboxRewind(a), outboxPrune(a), outboxDrop(a))
}

func outboxStatus(a *app) *cobra.Command {
	return &cobra.Command{Use: "status", Short: "How far each consumer is", Args: cobra.NoArgs, RunE: func(cmd *cobra.Command, _ []string) error {
		list, err := outbox.Consumers(cmd.Context(), a.registry.DB)
		if err != nil {
			return err
		}
		var rows [][]string
		for _, c := range list {
			if a.json {
				if err := a.object(consumerJSON{c.Name, c.Position, c.Behind, moment(c.Oldest)}); err != nil {
					return err
				}
				continue
			}
			oldest := "–"
			if !c.Oldest.IsZero() {
				oldest = a.ago(c.Oldest)
			}
			rows = append(rows, []string{c.Name, strconv.FormatInt(c.Position, 10), strconv.FormatInt(c.Behind, 10), oldest})
		}
		if a.json {
			return nil
		}
		if len(rows) == 0 {
			a.line("no consumer has read the outbox")
			return nil
		}
		a.table([]string{"CONSUMER", "POSITION", "BEHIND", "OLDEST"}, rows)
		return nil
	}}
}

func outboxRewind(a *app) *cobra.Command {
	var position int64
	var at string
	cmd := &cobra.Command{Use: "rewind consumer", Short: "Have a consumer get changes again", Args: cobra.ExactArgs(1), RunE: func(cmd *cobra.Command, args []string) error {
		after, since := cmd.Flags().Changed("after"), cmd.Flags().Changed("since")
		if after == since {
			return fmt.Errorf("say from where on with --after or --since")
		}
		var err error
		if after {
			err = outbox.Rewind(cmd.Context(), a.registry.DB, args[0], position)
		} else {
			var moment time.Time
			if moment, err = a.moment(at); err == nil {
				err = outbox.RewindTo(cmd.Context(), a.registry.DB, args[0], moment)
			}
		}
		if err != nil {
			return err
		}
		return a.done(consumerDone{args[0], "rewound"}, "%s: rewound", args[0])
	}}
	cmd.Flags().Int64Var(&position, "after", 0, "the changes after this one; 0 for all that are kept")
	cmd.Flags().StringVar(&at, "since", "", "the changes since a time (2026-01-02T15:04:05Z), or for so long (24h)")
	return cmd
}

// consumerDone is what was done to a consumer.
type consumerDone struct {
	Consumer string `json:"consumer"`
	Done     string `json:"done"`
}

// moment reads a time, or how long ago it was.
func (o *output) moment(text string) (time.Time, error) {
	if d, err := time.ParseDuration(text); err == nil && d > 0 {
		return o.now().Add(-d), nil
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		err = fmt.Errorf("%q is no time: write 2026-01-02T15:04:05Z, or 24h for a day ago", text)
	}
	return at, err
}

func outboxPrune(a *app) *cobra.Command {
	var age time.Duration
	cmd := &cobra.Command{Use: "prune", Short: "Drop old changes that every consumer has had", Args: cobra.NoArgs, RunE: func(cmd *cobra.Command, _ []string) error {
		if err := checkAge(age); err != nil {
			return err
		}
		n, err := outbox.Prune(cmd.Context(), a.registry.DB, age)
		if err != nil {
			return err
		}
		return a.done(cleanedJSON{Changes: n}, "%s dropped", count(int(n), "change"))
	}}
	cmd.Flags().DurationVar(&age, "age", week, "how old they are at least")
	return cmd
}

func outboxDrop(a *app) *cobra.Command {
	return &cobra.Command{Use: "drop consumer", Short: "Forget a consumer, so that no change is kept for it", Args: cobra.ExactArgs(1), RunE: func(cmd *cobra.Command, args []string) error {
		list, err := outbox.Consumers(cmd.Context(), a.registry.DB)
		if err != nil {
			return err
		}
		var names []string
		known := false
		for _, c := range list {
			names, known = append(names, c.Name), known || c.Name == args[0]
		}
		if !known {
			return fmt.Errorf("no consumer %s: %s", args[0], meant(args[0], names))
		}
		if err := outbox.Drop(cmd.Context(), a.registry.DB, args[0]); err != nil {
			return err
		}
		return a.done(consumerDone{args[0], "dropped"}, "%s: dropped", args[0])
	}}
}

// cleanedJSON is what was dropped.
type cleanedJSON struct {
	Changes int64 `json:"changes"`
	Times   int64 `json:"times"`
	Budgets int64 `json:"budgets"`
}

func cleanupCommand(a *app) *cobra.Command {
	var age time.Duration
	cmd := &cobra.Command{Use: "cleanup", Short: "Drop from synced's own tables what is old and of no use", Args: cobra.NoArgs, RunE: func(cmd *cobra.Command, _ []string) error {
		if err := checkAge(age); err != nil {
			return err
		}
		done, err := synced.CleanUp(cmd.Context(), a.registry.DB, age)
		if err != nil {
			return err
		}
		return a.done(cleanedJSON(done), "dropped %s", done)
	}}
	cmd.Flags().DurationVar(&age, "age", week, "how old they are at least")
	return cmd
}

func checkAge(age time.Duration) error {
	if age <= 0 {
		return fmt.Errorf("--age %v: give a positive duration, such as 168h", age)
	}
	return nil
}
