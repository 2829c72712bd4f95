package peer

import (
	"context"
	"errors"
	"fmt"

	"github.com/Masterminds/squirrel"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/store"
)

// stage stores a row of a snapshot. What is no model here is passed over.
func (p *applier) stage(ctx context.Context, tx backend.Tx, from Remote, c *Change) error {
	m := p.byName[c.Model]
	if m == nil {
		return nil
	}
	body, err := encode(c)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, squirrel.Insert(staged).Columns("peer", "model", "row_name", "depth", "version", "change").
		Values(from.GUID, m.Name, c.Row.String(), m.depth, c.Version, string(body)).
		Suffix("ON CONFLICT (peer, model, row_name) DO UPDATE SET version = excluded.version, change = excluded.change,"+
			" done = excluded.done, state = '', error = '', failures = 0, number = 0, noted_at = NULL"))
	return err
}

// stageMarks notes what a page tells beside its rows: which model it ends, and which rows of this
// side's the peer never had.
func stageMarks(ctx context.Context, tx backend.Tx, guid string, page *Page) error {
	mark := func(model, row, state string) error {
		_, err := tx.Exec(ctx, squirrel.Insert(staged+" AS s").Columns("peer", "model", "row_name", "depth", "version", "change", "done", "state").
			Values(guid, model, row, 0, "", "", true, state).
			Suffix("ON CONFLICT (peer, model, row_name) DO UPDATE SET version = '', state = excluded.state WHERE s.state = 'refused'"))
		return err
	}
	for _, w := range page.Withheld {
		if err := mark(w.Model, w.Row.String(), "withheld"); err != nil {
			return err
		}
	}
	if page.Ended == "" {
		return nil
	}
	return mark(page.Ended, "", "ended")
}

// unstage begins a snapshot again. What could not be applied of the one before stays listed until
// all of the new one is here: it may be given up.
func unstage(ctx context.Context, tx backend.Tx, guid string) error {
	_, err := tx.Exec(ctx, squirrel.Delete(staged).Where(squirrel.Expr("peer = ? AND state NOT IN ('failed', 'refused')", guid)))
	if err == nil {
		_, err = tx.Exec(ctx, squirrel.Update(staged).Set("state", "refused").Set("done", true).Where(squirrel.Expr("peer = ?", guid)))
	}
	return err
}

// place is one of the rows of a snapshot, in the order in which they are applied.
type place struct {
	depth      int64
	model, row string
}

// applyStaged applies the rows of a snapshot, parents first, each in a transaction. A row may refer
// to another of its table that comes later: it is tried again. It reports whether rows wait that
// can't be applied, which are listed. In the last try, one that needs what another row has is in
// conflict with that.
func (p *applier) applyStaged(ctx context.Context, from Remote, last bool) (waits bool, err error) {
	for final := false; ; {
		done, failed := 0, 0
		at := place{depth: -1}
		for {
			list, err := p.stagedAfter(ctx, from.GUID, &at)
			if err != nil {
				return false, err
			}
			for i := range list {
				c := &list[i]
				err := p.tryRow(ctx, from, c, final)
				if errors.Is(err, errElsewhere) {
					return false, nil
				}
				if ctx.Err() != nil {
					return false, err
				}
				if err == nil {
					done++
					continue
				}
				failed++
				if noted := p.inTx(ctx, func(ctx context.Context, tx backend.Tx) error {
					return failStaged(ctx, tx, from.GUID, c, err, backend.Moment(p.now()))
				}); noted != nil {
					return false, errors.Join(noted, fmt.Errorf("row %s of %s: %w", c.Row, c.Model, err))
				}
			}
			if len(list) < read {
				break
			}
		}
		switch {
		case failed == 0 || done == 0 && final == last:
			return failed > 0, nil
		case done == 0:
			final = true
		}
	}
}

// stagedAfter reads the next rows of a snapshot that wait, and moves the place behind them.
func (p *core) stagedAfter(ctx context.Context, guid string, at *place) (list []Change, err error) {
	query := squirrel.Select("depth", "model", "row_name", "change").From(staged).Where(squirrel.Expr("peer = ? AND NOT done AND (depth, model, row_name) > (?, ?, ?)", guid, at.depth, at.model, at.row)).
		OrderBy("depth", "model", "row_name").Limit(read)
	err = store.Each(ctx, p.db, query, func(rows store.Rows) error {
		var body string
		var c Change
		err := rows.Scan(&at.depth, &at.model, &at.row, &body)
		if err == nil {
			err = decode([]byte(body), &c)
		}
		list = append(list, c)
		return err
	})
	return list, err
}

// errElsewhere is a snapshot that another exchange has applied meanwhile, or began again.
var errElsewhere = errors.New("another exchange goes on with the snapshot")

// tryRow applies one row of a snapshot, and in the final try notes a conflict with another row.
func (p *applier) tryRow(ctx context.Context, from Remote, c *Change, final bool) error {
	taken := map[int64]string{}
	for {
		err := p.inTx(ctx, func(ctx context.Context, tx backend.Tx) error { return p.applyRow(ctx, tx, from, c, taken) })
		if !final || !noteTaken(taken, c.Seq, err) {
			return err
		}
	}
}

// applyRow applies one row of a snapshot.
func (p *applier) applyRow(ctx context.Context, tx backend.Tx, from Remote, c *Change, taken map[int64]string) error {
	a, err := p.applying(ctx, tx, from, true)
	if err != nil {
		return err
	}
	a.taken = taken
	waits, err := store.One(ctx, tx, squirrel.Expr("SELECT 1 FROM "+staged+" WHERE peer = ? AND model = ? AND row_name = ? AND version = ? AND NOT done", from.GUID, c.Model, c.Row.String(), c.Version), nil)
	if err == nil && a.snapshot != reconciling && a.snapshot != overlapping {
		err = errElsewhere
	}
	if err != nil || !waits {
		return err
	}
	in, err := a.names.translate(ctx, p.byName[c.Model], c)
	if err == nil {
		err = tell(a.tx, in.m, a.reconcile(ctx, in))
	}
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, squirrel.Update(staged).Set("done", true).
		Set("state", squirrel.Expr("CASE WHEN state = 'failed' THEN '' ELSE state END")).Where(isStaged(from.GUID, c)))
	return err
}

func isStaged(guid string, c *Change) squirrel.Sqlizer {
	return squirrel.Expr("peer = ? AND model = ? AND row_name = ?", guid, c.Model, c.Row.String())
}

// stoppedBySnapshot are the models of which rows of a peer's snapshot wait: changes of them come after.
func (p *core) stoppedBySnapshot(ctx context.Context, guid string) (map[string]bool, error) {
	stopped := map[string]bool{}
	s, _, err := standingOf(ctx, p.db, guid)
	if err != nil || !s.staged() {
		return stopped, err
	}
	list, err := texts(ctx, p.db, squirrel.Select("DISTINCT model").From(staged).Where(squirrel.Expr("peer = ? AND NOT done", guid)))
	for _, name := range list {
		stopped[name] = true
	}
	return stopped, err
}

// numbered gives a row of a snapshot a number, by which it is skipped.
const numbered = "CASE WHEN number > 0 THEN number ELSE (SELECT coalesce(max(number), 0) + 1 FROM " + staged + " WHERE peer = ? AND number > 0) END"

// failStaged notes why a row of a snapshot can't be applied.
func failStaged(ctx context.Context, tx store.Tx, guid string, c *Change, failed error, at any) error {
	_, err := tx.Exec(ctx, squirrel.Update(staged).Set("state", "failed").Set("error", failed.Error()).Set("failures", squirrel.Expr("failures + 1")).
		Set("number", squirrel.Expr(numbered, guid)).Set("noted_at", squirrel.Expr("coalesce(noted_at, ?)", at)).Where(isStaged(guid, c)).Where("NOT done"))
	return err
}

// refuseStaged notes that a row of a snapshot is not made.
func (a *applying) refuseStaged(ctx context.Context, c *Change, reason string) error {
	_, err := a.tx.Exec(ctx, squirrel.Update(staged).Set("state", "refused").Set("error", reason).
		Set("number", squirrel.Expr(numbered, a.from.GUID)).Set("noted_at", backend.Moment(a.peer.now())).Where(isStaged(a.from.GUID, c)))
	if err != nil {
		return err
	}
	return a.withhold(ctx, c)
}

// skipStaged leaves out a row of a snapshot that can't be applied, and reports whether there is one.
func (a *applying) skipStaged(ctx context.Context, number int64) (found bool, err error) {
	var body string
	found, err = store.One(ctx, a.tx, squirrel.Expr("SELECT change FROM "+staged+" WHERE peer = ? AND number = ? AND state = 'failed' AND NOT done", a.from.GUID, number), &body)
	if err != nil || !found {
		return false, err
	}
	c := &Change{}
	if err := decode([]byte(body), c); err != nil {
		return false, err
	}
	if _, err := a.tx.Exec(ctx, squirrel.Update(staged).Set("state", "skipped").Set("done", true).Where(isStaged(a.from.GUID, c))); err != nil {
		return false, err
	}
	return true, a.withhold(ctx, c)
}
