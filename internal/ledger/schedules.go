package ledger

import (
	"context"
	"time"

	"github.com/Masterminds/squirrel"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/store"
)

const schedules = "{synced_schedules}"

// Target is a model and scope that a schedule runs. Scope is the key as text, "" for a
// model without scopes.
type Target struct{ Model, Scope string }

// Scheduled is what a schedule knows of a target, by the database's clock. Times are zero
// where there is none.
type Scheduled struct {
	Target
	Plan
	// Added is when the target came, Next when it is due, or when the claim of who runs
	// it ends, and Complete when its next complete pass is due.
	Added, Next, Complete time.Time
	// By is who runs it, "" where nobody does. Next is past where that one has died.
	By string
	// Began, Ended and Succeeded are when the last run began and ended, and when the last
	// one began that ended well.
	Began, Ended, Succeeded time.Time
	// Failures is how many runs in a row have failed, Error why the last one has, and Fault
	// what is at fault, in words that are the same for all that it fails.
	Failures     int
	Error, Fault string
	// Paused is why the target is not run, "" where it is.
	Paused string
	Findings
	// Told are the causes that somebody was told of, and Groups what each has in common
	// with those of other targets.
	Told, Groups string
	// Gone reports whether it is no longer scheduled, and only waits until the end of those
	// causes is told.
	Gone bool
}

// Plan is how a target is scheduled.
type Plan struct {
	// Kind is what the key of the scope is: "integer", "text", or "" where there is none.
	Kind string
	// Every is the interval of its runs, and CompleteEvery that of its complete passes, 0
	// for none.
	Every, CompleteEvery time.Duration
	Priority             int
	Credential           string
}

// Findings are what the last runs of a target leave to people.
type Findings struct {
	// Consent reports whether the account's owner must consent again.
	Consent bool
	// Refused is why a removal was refused, Quarantined how many records are in
	// quarantine. ListedNone reports whether the remote listed nothing although there are
	// rows.
	Refused     string
	Quarantined int
	ListedNone  bool
}

// scheduledAhead is how many targets are read at a time.
const scheduledAhead = 1000

// SchedulesOf reads some targets of models, those after one, in the order of their models
// and scopes. Scope may be nil, for every scope.
func SchedulesOf(ctx context.Context, q store.Querier, models []string, scope *string, after Target) ([]Scheduled, error) {
	query := selectSchedules().Where(targets(models, scope)).Where("NOT s.gone").
		Where(squirrel.Expr("(s.model, s.scope_id) > (?, ?)", after.Model, after.Scope)).
		OrderBy("s.model", "s.scope_id").Limit(scheduledAhead)
	return scanSchedules(ctx, q, query)
}

// SchedulesToTell reads the targets of models of which somebody may have to be told, now
// or of an end: those with a cause, and those that had no success since a time for each
// model. Most is how many failures are told.
func SchedulesToTell(ctx context.Context, q store.Querier, since map[string]time.Time, most int) ([]Scheduled, error) {
	late := squirrel.Or{}
	models := make([]string, 0, len(since))
	for model, before := range since {
		models = append(models, model)
		late = append(late, squirrel.Expr("(s.model = ? AND s.paused IS NULL AND coalesce(s.succeeded_at, s.added_at) < ?)", model, backend.Moment(before)))
	}
	query := selectSchedules().Where(targets(models, nil)).Where(append(late,
		squirrel.Expr("s.told <> '' OR s.consent OR s.listed_none OR s.refused <> '' OR s.quarantined > 0 OR s.failures >= ?", most))).
		OrderBy("s.model", "s.scope_id")
	return scanSchedules(ctx, q, query)
}

// CountSchedules counts the targets of each model.
func CountSchedules(ctx context.Context, q store.Querier) (map[string]int, error) {
	counts := map[string]int{}
	err := store.Each(ctx, q, squirrel.Select("model", "count(*)").From(schedules).Where("NOT gone").GroupBy("model"), func(rows store.Rows) error {
		var model string
		var n int
		err := rows.Scan(&model, &n)
		counts[model] = n
		return err
	})
	return counts, err
}

// Clock reads the database's clock.
func Clock(ctx context.Context, q backend.Querier) (time.Time, error) {
	var ms int64
	_, err := store.One(ctx, q, squirrel.Select(q.Dialect().Now()), &ms)
	return time.UnixMilli(ms).UTC(), err
}

// targets is the condition for the targets of models in a scope, nil for every scope.
func targets(models []string, scope *string) squirrel.And {
	where := squirrel.And{squirrel.Eq{"s.model": models}}
	if scope != nil {
		where = append(where, squirrel.Expr("s.scope_id = ?", *scope))
	}
	return where
}

func selectSchedules() squirrel.SelectBuilder {
	return squirrel.Select("s.model", "s.scope_id", "s.scope_kind", "s.every", "s.complete_every", "s.priority", "s.credential", "s.added_at", "s.next_at", "s.complete_at",
		"coalesce(s.claimed_by, '')", "s.began_at", "s.ended_at", "s.succeeded_at", "s.failures", "s.error", "coalesce(s.paused, '')",
		"s.consent", "s.refused", "s.quarantined", "s.listed_none", "s.fault", "s.told", "s.told_groups", "s.gone").From(schedules + " s")
}

func scanSchedules(ctx context.Context, q store.Querier, query store.SQL) (list []Scheduled, err error) {
	err = store.Each(ctx, q, query, func(rows store.Rows) error {
		s, err := scanSchedule(rows)
		list = append(list, s)
		return err
	})
	return list, err
}

// scanSchedule reads a row of [selectSchedules], and what more it was asked for.
func scanSchedule(rows store.Rows, more ...any) (s Scheduled, err error) {
	var added, next, complete, began, ended, succeeded backend.Time
	var every, completeEvery int64
	err = rows.Scan(append([]any{&s.Model, &s.Scope, &s.Kind, &every, &completeEvery, &s.Priority, &s.Credential, &added, &next, &complete, &s.By,
		&began, &ended, &succeeded, &s.Failures, &s.Error, &s.Paused, &s.Consent, &s.Refused, &s.Quarantined, &s.ListedNone,
		&s.Fault, &s.Told, &s.Groups, &s.Gone}, more...)...)
	s.Every, s.CompleteEvery = time.Duration(every)*time.Millisecond, time.Duration(completeEvery)*time.Millisecond
	s.Added, s.Next, s.Complete = added.Time, next.Time, complete.Time
	s.Began, s.Ended, s.Succeeded = began.Time, ended.Time, succeeded.Time
	return s, err
}
