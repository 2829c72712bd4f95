package ledger

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/Masterminds/squirrel"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/store"
)

// SchedulePlans reads how the targets of a model are scheduled, by their scopes.
func SchedulePlans(ctx context.Context, q store.Querier, model string) (map[string]Plan, error) {
	plans := map[string]Plan{}
	query := squirrel.Select("scope_id", "scope_kind", "every", "complete_every", "priority", "credential").From(schedules).Where(squirrel.Expr("model = ? AND NOT gone", model))
	err := store.Each(ctx, q, query, func(rows store.Rows) error {
		var scope string
		var every, completeEvery int64
		var p Plan
		err := rows.Scan(&scope, &p.Kind, &every, &completeEvery, &p.Priority, &p.Credential)
		p.Every, p.CompleteEvery = time.Duration(every)*time.Millisecond, time.Duration(completeEvery)*time.Millisecond
		plans[scope] = p
		return err
	})
	return plans, err
}

// Planned is a target with how it is scheduled. Complete is when its first complete pass
// is due, zero for never.
type Planned struct {
	Scope string
	Plan
	Complete time.Time
}

// PlanSchedules schedules targets of a model, whether they are known or not. New ones are
// due at once, as are those that were gone; those whose interval changed are due when the new
// one has passed, at the latest.
func PlanSchedules(ctx context.Context, tx store.Tx, model string, now time.Time, list []Planned) error {
	slices.SortFunc(list, func(a, b Planned) int { return strings.Compare(a.Scope, b.Scope) }) // in one order, so that nobody waits for each other
	for some := range slices.Chunk(list, batch) {
		insert := squirrel.Insert(schedules).Columns("model", "scope_id", "scope_kind", "every", "complete_every", "priority", "credential", "added_at", "next_at", "complete_at")
		for _, p := range some {
			insert = insert.Values(model, p.Scope, p.Kind, p.Every.Milliseconds(), p.CompleteEvery.Milliseconds(), p.Priority, p.Credential, backend.Moment(now), backend.Moment(now), orNull(p.Complete))
		}
		err := exec(ctx, tx, insert.Suffix("ON CONFLICT (model, scope_id) DO UPDATE SET scope_kind = excluded.scope_kind, every = excluded.every,"+
			" complete_every = excluded.complete_every, priority = excluded.priority, credential = excluded.credential,"+
			" complete_at = CASE WHEN {synced_schedules}.complete_every = excluded.complete_every AND NOT {synced_schedules}.gone THEN {synced_schedules}.complete_at ELSE excluded.complete_at END,"+
			" added_at = CASE WHEN {synced_schedules}.gone THEN excluded.added_at ELSE {synced_schedules}.added_at END,"+
			" paused = CASE WHEN {synced_schedules}.gone THEN NULL ELSE {synced_schedules}.paused END, gone = false,"+
			" next_at = CASE WHEN {synced_schedules}.gone THEN excluded.next_at WHEN {synced_schedules}.every <> excluded.every AND {synced_schedules}.claimed_by IS NULL AND {synced_schedules}.next_at > ? THEN ? ELSE {synced_schedules}.next_at END",
			backend.Moment(now.Add(some[0].Every)), backend.Moment(now.Add(some[0].Every))))
		if err != nil {
			return err
		}
	}
	return nil
}

// DropSchedules forgets targets of a model. A run that is under way comes to its end. Where
// it is told, those of which somebody was told something stay until [TellSchedule].
func DropSchedules(ctx context.Context, tx backend.Tx, model string, scopes []string, told bool) error {
	slices.Sort(scopes)
	for some := range slices.Chunk(scopes, batch) {
		ids := make([]backend.ID, len(some))
		for i, s := range some {
			ids[i] = backend.TextID(s)
		}
		those := squirrel.And{squirrel.Expr("model = ?", model), anyText(tx, "scope_id", ids)}
		forgotten := squirrel.Delete(schedules).Where(those).Where("NOT gone")
		if told {
			err := exec(ctx, tx, squirrel.Update(schedules).Set("gone", true).Set("paused", "gone").Set("claimed_by", nil).Set("succeeded_at", nil).
				Set("failures", 0).Set("error", "").Set("fault", "").Set("consent", false).Set("refused", "").Set("quarantined", 0).Set("listed_none", false).
				Where(those).Where("told <> ''"))
			if err != nil {
				return err
			}
			forgotten = forgotten.Where("told = ''") // one of which somebody was told meanwhile is for the next time
		}
		if err := exec(ctx, tx, forgotten); err != nil {
			return err
		}
	}
	return nil
}

// ForgetSchedules forgets every target of a model, and returns how many there were.
func ForgetSchedules(ctx context.Context, tx store.Tx, model string) (int64, error) {
	return tx.Exec(ctx, squirrel.Delete(schedules).Where(squirrel.Expr("model = ?", model)))
}

// PauseSchedules pauses targets, and returns how many. Those that are paused keep their
// reason.
func PauseSchedules(ctx context.Context, tx backend.Tx, models []string, scope *string, why string) (int64, error) {
	return steer(ctx, tx, models, scope, squirrel.Update(schedules+" AS s").Set("paused", why).Where("s.paused IS NULL"))
}

// ResumeSchedules makes paused targets due at once, and returns how many.
func ResumeSchedules(ctx context.Context, tx backend.Tx, models []string, scope *string) (int64, error) {
	return steer(ctx, tx, models, scope, soon().Set("paused", nil).Where("s.paused IS NOT NULL"))
}

// HurrySchedules makes targets due at once that are not paused, or again when the run has
// ended that is under way, and returns how many.
func HurrySchedules(ctx context.Context, tx backend.Tx, models []string, scope *string) (int64, error) {
	return steer(ctx, tx, models, scope, soon().Where("s.paused IS NULL"))
}

// soon makes targets due before all others of their priority.
func soon() squirrel.UpdateBuilder {
	return squirrel.Update(schedules+" AS s").
		Set("next_at", squirrel.Expr("CASE WHEN s.claimed_by IS NULL THEN ? ELSE s.next_at END", first)).
		Set("again", squirrel.Expr("s.claimed_by IS NOT NULL"))
}

// first is before all times that a target can be due at.
var first = backend.Moment(time.Unix(0, 0))

func steer(ctx context.Context, tx backend.Tx, models []string, scope *string, update squirrel.UpdateBuilder) (int64, error) {
	return tx.Exec(ctx, update.Where(targets(models, scope)).Where("NOT s.gone"))
}
