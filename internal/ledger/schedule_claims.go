package ledger

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/Masterminds/squirrel"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/store"
)

// ScheduleTurn makes sure that until the transaction ends, nobody else claims targets.
// It returns the database's time. Nobody waits for a process that was cut off.
func ScheduleTurn(ctx context.Context, tx backend.Tx) (time.Time, error) {
	var ms int64
	var idle string
	_, err := store.One(ctx, tx, squirrel.Insert("{synced_locks}").Columns("name", "token", "holder").Values("schedules", 1, "").
		Suffix("ON CONFLICT (name) DO UPDATE SET token = {synced_locks}.token + 1 RETURNING "+tx.Dialect().Now()+", "+tx.Dialect().EndIdle()), &ms, &idle)
	return time.UnixMilli(ms).UTC(), err
}

// Wanted says which targets may be claimed.
type Wanted struct {
	Models   []string
	Priority int
	// Scopes, where not nil, are the only ones.
	Scopes []string
	// PerCredential is how many may run at once with one credential.
	PerCredential int
	// Parents are the models that come before others, by those.
	Parents map[string][]string
}

// Candidate is a target that may be claimed once it is due. Held is how many are claimed
// with its credential.
type Candidate struct {
	Scheduled
	Held int
}

// ScheduleCandidates reads some targets that may be claimed, those that are due first in
// front. Those whose parent of the same scope, or without one, comes first are not among
// them: while it runs, while it was due before them, or has never succeeded; but for a
// parent that fails or is paused.
func ScheduleCandidates(ctx context.Context, q store.Querier, w Wanted, now time.Time, limit int) (list []Candidate, err error) {
	err = store.Each(ctx, q, candidates(w, now).OrderBy("s.next_at").Limit(uint64(limit)), func(rows store.Rows) error {
		var c Candidate
		var err error
		c.Scheduled, err = scanSchedule(rows, &c.Held)
		list = append(list, c)
		return err
	})
	return list, err
}

// SchedulesDue reads candidates that are due, the longest due first, and for each credential
// only as many as can be claimed. It reads limit of them at a time, and skips a credential
// once it has enough, so that a long queue does not make it slower.
func SchedulesDue(ctx context.Context, q store.Querier, w Wanted, now time.Time, limit int) (list []Scheduled, err error) {
	taken, full := map[string]int{}, []string{}
	var last Scheduled
	for more := true; more && len(list) < limit; {
		query := candidates(w, now).Where(squirrel.Expr("s.next_at <= ?", backend.Moment(now))).
			OrderBy("s.next_at", "s.model", "s.scope_id").Limit(uint64(limit))
		if !last.Next.IsZero() {
			query = query.Where(squirrel.Expr("s.next_at >= ? AND (s.next_at, s.model, s.scope_id) > (?, ?, ?)",
				backend.Moment(last.Next), backend.Moment(last.Next), last.Model, last.Scope))
		}
		if len(full) > 0 {
			query = query.Where(squirrel.NotEq{"s.credential": full})
		}
		read := 0
		err := store.Each(ctx, q, query, func(rows store.Rows) error {
			var held int
			s, err := scanSchedule(rows, &held)
			last = s
			read++
			if err != nil || len(list) == limit || s.Credential != "" && held+taken[s.Credential] >= w.PerCredential {
				return err
			}
			if taken[s.Credential]++; s.Credential != "" && held+taken[s.Credential] == w.PerCredential {
				full = append(full, s.Credential)
			}
			list = append(list, s)
			return nil
		})
		if err != nil {
			return nil, err
		}
		more = read == limit
	}
	return list, nil
}

// candidates selects targets that may be claimed, with how many of their credential are.
func candidates(w Wanted, now time.Time) squirrel.SelectBuilder {
	const held = "(SELECT count(*) FROM " + schedules + " h WHERE h.credential = s.credential AND h.claimed_by IS NOT NULL AND h.next_at > ?)"
	at := backend.Moment(now)
	query := selectSchedules().Column(squirrel.Expr(held+" AS held", at)).
		Where(squirrel.Expr("s.priority = ? AND s.paused IS NULL", w.Priority)).
		Where(squirrel.Eq{"s.model": w.Models}).
		Where(squirrel.Expr("s.credential NOT IN (SELECT u.credential FROM "+schedules+" u WHERE u.credential <> '' AND u.claimed_by IS NOT NULL AND u.next_at > ?"+
			" GROUP BY u.credential HAVING count(*) >= ?)", at, w.PerCredential)) // found once, and not for each row
	if w.Scopes != nil {
		query = query.Where(squirrel.Eq{"s.scope_id": w.Scopes})
	}
	for _, model := range slices.Sorted(maps.Keys(w.Parents)) {
		query = query.Where(squirrel.Expr("NOT (s.model = ? AND EXISTS (?))", model, squirrel.Select("1").From(schedules+" p").
			Where(squirrel.Eq{"p.model": w.Parents[model]}).
			Where("p.scope_id IN (s.scope_id, '') AND p.paused IS NULL AND p.failures = 0").
			Where(squirrel.Expr("(p.succeeded_at IS NULL OR p.next_at <= ? AND p.next_at <= s.next_at OR p.claimed_by IS NOT NULL AND p.next_at > ?)", at, at))))
	}
	return query
}

// ClaimSchedules claims targets until a time.
func ClaimSchedules(ctx context.Context, tx store.Tx, by string, now, until time.Time, list []Target) error {
	for _, t := range list {
		err := exec(ctx, tx, squirrel.Update(schedules).Set("claimed_by", by).Set("next_at", backend.Moment(until)).Set("again", false).
			Set("began_at", backend.Moment(now)).Where(squirrel.Expr("model = ? AND scope_id = ?", t.Model, t.Scope)))
		if err != nil {
			return err
		}
	}
	return nil
}

// ExtendSchedules extends claims until a time, as far as they are still claimed by who has
// made them.
func ExtendSchedules(ctx context.Context, tx store.Tx, by string, until time.Time, list []Target) error {
	for _, t := range list {
		err := exec(ctx, tx, squirrel.Update(schedules).Set("next_at", backend.Moment(until)).
			Where(squirrel.Expr("model = ? AND scope_id = ? AND claimed_by = ?", t.Model, t.Scope, by)))
		if err != nil {
			return err
		}
	}
	return nil
}

// RunEnded is how a run of a target went.
type RunEnded struct {
	Target
	// Next is when the target is due again.
	Next time.Time
	// Complete is when its next complete pass is due; a zero time leaves it.
	Complete time.Time
	// Succeeded is when the run began, if it ended well; a zero time leaves that of an
	// earlier run.
	Succeeded time.Time
	Failures  int
	// Error is why it failed, and Fault what is at fault.
	Error, Fault string
	// Paused pauses the target where it is not "".
	Paused string
	Findings
}

// EndSchedule notes how a run went whose target is still claimed by who ran it.
func EndSchedule(ctx context.Context, tx store.Tx, by string, now time.Time, e RunEnded) error {
	// The middle branch is never taken: it tells PostgreSQL the type of the others.
	next := squirrel.Expr("CASE WHEN again THEN ? WHEN claimed_by IS NULL THEN next_at ELSE ? END", first, backend.Moment(e.Next))
	set := squirrel.Update(schedules).Set("claimed_by", nil).Set("ended_at", backend.Moment(now)).Set("again", false).
		Set("next_at", next).
		Set("failures", e.Failures).Set("error", e.Error).Set("fault", e.Fault).
		Set("consent", e.Consent).Set("refused", e.Refused).Set("quarantined", e.Quarantined).Set("listed_none", e.ListedNone)
	if !e.Succeeded.IsZero() {
		set = set.Set("succeeded_at", backend.Moment(e.Succeeded))
	}
	if !e.Complete.IsZero() {
		set = set.Set("complete_at", backend.Moment(e.Complete))
	}
	if e.Paused != "" {
		set = set.Set("paused", squirrel.Expr("coalesce(paused, ?)", e.Paused))
	}
	return exec(ctx, tx, set.Where(squirrel.Expr("model = ? AND scope_id = ? AND claimed_by = ?", e.Model, e.Scope, by)))
}

// TellSchedule notes the causes that somebody was told of, and their groups. A target that
// is gone, and of which nothing is left to tell, is forgotten. One that was forgotten while
// somebody was told of it is noted as gone: the end of that is still to be told.
func TellSchedule(ctx context.Context, tx store.Tx, s Scheduled, told, groups string) error {
	if told != "" {
		return exec(ctx, tx, squirrel.Insert(schedules).
			Columns("model", "scope_id", "scope_kind", "every", "complete_every", "priority", "credential", "added_at", "next_at", "gone", "paused", "told", "told_groups").
			Values(s.Model, s.Scope, s.Kind, s.Every.Milliseconds(), s.CompleteEvery.Milliseconds(), s.Priority, s.Credential,
				backend.Moment(s.Added), backend.Moment(s.Next), true, "gone", told, groups).
			Suffix("ON CONFLICT (model, scope_id) DO UPDATE SET told = excluded.told, told_groups = excluded.told_groups"))
	}
	this := squirrel.Expr("model = ? AND scope_id = ?", s.Model, s.Scope)
	err := exec(ctx, tx, squirrel.Update(schedules).Set("told", "").Set("told_groups", "").Where(this))
	if err == nil {
		err = exec(ctx, tx, squirrel.Delete(schedules).Where(this).Where("gone"))
	}
	return err
}
