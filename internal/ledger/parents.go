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

const parents = "{synced_parents}"

// Parent is a parent that a model is listed for. Its scope has the parent's local key.
type Parent struct {
	// Root is the scope that the parents are read for, as text; "" where they have none.
	Root string
	// Record is the parent's remote id.
	Record string
	// Due is what made the parent due when its list was last asked for.
	Due string
}

// Standing is what is known of a parent before its list is asked for.
type Standing struct {
	// Parent is the mark of the last time, where it is Marked.
	Parent
	Marked bool
	// Number is that of the last run or reset, 0 where there was none, and Time the
	// stored time.
	Number int64
	Time   time.Time
	// Position is the stored position.
	Position RemotePosition
	// Settled reports whether the last run ended well, and nothing waits for the next:
	// no record is in quarantine, no row waits for a parent, no older change is still to be
	// asked for, no list of what changed is unfinished.
	Settled bool
}

// StandingsOf reads what is known of parents, by their keys as text. Those without a run
// or a mark are left out.
func StandingsOf(ctx context.Context, q backend.Querier, s Scope, keys []backend.ID) (map[string]Standing, error) {
	of := func(table, name string) string { return table + " " + name + " WHERE " + joined(name) }
	query := squirrel.Select("r.scope_id", "r.number", "coalesce(p.root, '')", "coalesce(p.record, '')", "coalesce(p.due, '')", "p.root IS NOT NULL",
		"(SELECT t.synced_at FROM "+of(times, "t")+" ORDER BY t.synced_at DESC LIMIT 1)",
		"r.error = '' AND r.ended_at IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "+of(quarantine, "q")+") AND NOT EXISTS (SELECT 1 FROM "+of(waiting, "w")+")"+
			" AND NOT EXISTS (SELECT 1 FROM "+of(times, "c")+" AND c.covered_from IS NOT NULL)"+
			" AND NOT EXISTS (SELECT 1 FROM "+of(passes, "u")+" AND u.shape LIKE 'since %')",
		"coalesce(o.position, '')", "coalesce(o.shape, '')", "o.recorded_at").
		From(runs + " r").LeftJoin(parents + " p ON " + joined("p")).LeftJoin(positions + " o ON " + joined("o")).
		Where(squirrel.Expr("r.model = ? AND r.scope_type = ?", s.Model, s.Type)).Where(anyText(q, "r.scope_id", keys))
	known := make(map[string]Standing, len(keys))
	err := store.Each(ctx, q, query, func(rows store.Rows) error {
		var key string
		var st Standing
		var at, recorded backend.Time
		err := rows.Scan(&key, &st.Number, &st.Root, &st.Record, &st.Due, &st.Marked, &at, &st.Settled, &st.Position.Text, &st.Position.Shape, &recorded)
		st.Time, st.Position.Recorded = at.Time, recorded.Time
		known[key] = st
		return err
	})
	return known, err
}

// joined is the condition that a table has a row of the scope of runs r.
func joined(name string) string {
	return name + ".model = r.model AND " + name + ".scope_type = r.scope_type AND " + name + ".scope_id = r.scope_id"
}

// MarkParents keeps the marks of parents, by their keys as text.
func MarkParents(ctx context.Context, tx store.Tx, s Scope, marks map[string]Parent) error {
	keys := make([]string, 0, len(marks))
	for key := range marks {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	for some := range slices.Chunk(keys, batch) {
		insert := squirrel.Insert(parents).Columns(append(scopeColumns(), "root", "record", "due")...).
			Suffix("ON CONFLICT (model, scope_type, scope_id) DO UPDATE SET root = excluded.root, record = excluded.record, due = excluded.due")
		for _, key := range some {
			p := marks[key]
			insert = insert.Values(s.Model, s.Type, key, p.Root, p.Record, p.Due)
		}
		if err := exec(ctx, tx, insert); err != nil {
			return err
		}
	}
	return nil
}

// IntroduceParent keeps the mark of a parent that has none.
func IntroduceParent(ctx context.Context, tx store.Tx, s Scope, p Parent) error {
	return exec(ctx, tx, squirrel.Insert(parents).Columns(append(scopeColumns(), "root", "record", "due")...).
		Values(s.Model, s.Type, s.ID, p.Root, p.Record, p.Due).Suffix("ON CONFLICT DO NOTHING"))
}

// ParentOf reads the mark of a parent, and reports whether there is one.
func ParentOf(ctx context.Context, q store.Querier, s Scope) (p Parent, found bool, err error) {
	found, err = store.One(ctx, q, squirrel.Select("root", "record", "due").From(parents).Where(s.where()), &p.Root, &p.Record, &p.Due)
	return p, found, err
}

// Moved is a time, or a position, that replaces that of a scope.
type Moved struct {
	ID       string
	At       time.Time
	Source   string
	Position RemotePosition // where that is kept in place of a time
	// Number is that of the scope's last run or reset when the time was read: where
	// there was another since, the time stays as it is.
	Number int64
}

// Move moves the times and the positions of scopes of which a run found nothing new.
func Move(ctx context.Context, tx backend.Tx, s Scope, list []Moved) error {
	if len(list) == 0 {
		return nil
	}
	slices.SortFunc(list, func(a, b Moved) int { return strings.Compare(a.ID, b.ID) })
	ids := make([]backend.ID, len(list))
	for i, m := range list {
		ids[i] = backend.TextID(m.ID)
	}
	numbers := make(map[string]int64, len(list))
	query := squirrel.Select("scope_id", "number").From(runs).Where(squirrel.Expr("model = ? AND scope_type = ?", s.Model, s.Type)).
		Where(anyText(tx, "scope_id", ids)).OrderBy("scope_id").Suffix(tx.Dialect().Lock())
	err := store.Each(ctx, tx, query, func(rows store.Rows) error {
		var id string
		var number int64
		err := rows.Scan(&id, &number)
		numbers[id] = number
		return err
	})
	if err != nil {
		return err
	}
	list = slices.DeleteFunc(list, func(m Moved) bool { return numbers[m.ID] != m.Number })
	var clocks, places []Moved
	for _, m := range list {
		if m.Position.Text == "" {
			clocks = append(clocks, m)
		} else {
			places = append(places, m)
		}
	}
	if err := movePositions(ctx, tx, s, places); err != nil {
		return err
	}
	return moveTimes(ctx, tx, s, clocks)
}

func movePositions(ctx context.Context, tx backend.Tx, s Scope, list []Moved) error {
	for some := range slices.Chunk(list, batch) {
		insert := squirrel.Insert(positions).Columns(append(scopeColumns(), "position", "shape", "recorded_at")...).
			Suffix("ON CONFLICT (model, scope_type, scope_id) DO UPDATE SET position = excluded.position, shape = excluded.shape, recorded_at = excluded.recorded_at")
		for _, m := range some {
			insert = insert.Values(s.Model, s.Type, m.ID, m.Position.Text, m.Position.Shape, backend.Moment(m.Position.Recorded))
		}
		if err := exec(ctx, tx, insert); err != nil {
			return err
		}
	}
	return nil
}

func moveTimes(ctx context.Context, tx backend.Tx, s Scope, list []Moved) error {
	for some := range slices.Chunk(list, batch) {
		var ids []backend.ID
		insert := squirrel.Insert(times).Columns(append(scopeColumns(), "synced_at", "source", "recorded_at")...).Suffix("ON CONFLICT DO NOTHING")
		now := backend.Moment(time.Now())
		for _, m := range some {
			ids, insert = append(ids, backend.TextID(m.ID)), insert.Values(s.Model, s.Type, m.ID, backend.Moment(m.At), m.Source, now)
		}
		err := exec(ctx, tx, squirrel.Delete(times).Where(squirrel.Expr("model = ? AND scope_type = ?", s.Model, s.Type)).Where(anyText(tx, "scope_id", ids)))
		if err == nil {
			err = exec(ctx, tx, insert)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// ParentsGone reads the keys of up to most marked parents of a root, in their order after
// one, which are not among those that live.
func ParentsGone(ctx context.Context, q store.Querier, s Scope, root, after string, live store.SQL, most uint64) (keys []string, err error) {
	query := squirrel.Select("scope_id").From(parents).
		Where(squirrel.Expr("model = ? AND scope_type = ? AND root = ? AND scope_id > ?", s.Model, s.Type, root, after)).
		Where(squirrel.Expr("scope_id NOT IN (?)", live)).OrderBy("scope_id").Limit(most)
	err = store.Each(ctx, q, query, func(rows store.Rows) error {
		var key string
		err := rows.Scan(&key)
		keys = append(keys, key)
		return err
	})
	return keys, err
}
