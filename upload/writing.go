package upload

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/Masterminds/squirrel"
)

// writing is one request that writes, in its transaction.
type writing struct {
	tx         writer
	replica    replica
	account    *account
	sums, rows tree
	changes    changes
}

// change is a row that a client uploads, or one that is gone there.
type change struct {
	row
	version int64
	gone    bool
}

// refusedRow is a row that can't be stored.
type refusedRow struct {
	n   int // -1 where the database does not tell
	err error
}

func (e *refusedRow) Error() string {
	if e.n < 0 {
		return "the rows are refused: " + e.err.Error()
	}
	return fmt.Sprintf("row %d: %v", e.n, e.err)
}

func (e *refusedRow) Unwrap() error { return e.err }

// errNotNew is that rows were taken for new ones, and can't be inserted.
var errNotNew = errors.New("not all rows are new")

// seemNew reports whether it is worth while to insert rows without looking for them: while a table is
// uploaded for the first time, nearly each version so far has made a row.
func (w *writing) seemNew(list []change) bool {
	rows, version := w.account.sum.Count, w.account.version
	return len(list) >= 100 && 10*(version-rows) <= version && !slices.ContainsFunc(list, func(c change) bool { return c.gone })
}

// put stores changes. A row that is there with the same version or a later one stays, so
// that an upload which comes twice, or late, changes nothing. Guess says that rows which seem new may
// be inserted at once: if one is there, the error is errNotNew.
func (w *writing) put(ctx context.Context, list []change, through int64, time string, guess bool) error {
	var there map[string]kept
	guess = guess && w.account.sum.Count > 0 && w.seemNew(list)
	if w.account.sum.Count > 0 && !guess {
		positions := make([]position, len(list))
		for i, c := range list {
			positions[i] = c.pos
		}
		var err error
		if there, err = w.replica.at(ctx, w.tx, w.rows, positions); err != nil {
			return err
		}
	}
	last := make(map[string]int, len(list)) // a key that is named twice counts as it comes last
	for i, c := range list {
		last[c.key] = i
		through = max(through, c.version)
	}
	var old []kept
	fresh := make([]change, 0, len(list))
	for i, c := range list {
		if last[c.key] != i {
			continue
		}
		before, known := there[c.key]
		switch {
		case known && before.version >= c.version, !known && c.gone:
			continue
		case known:
			old = append(old, before)
			w.changes.remove(w.account.salt, before.print)
		}
		if !c.gone {
			fresh = append(fresh, c)
			w.changes.add(w.account.salt, c.print)
		}
	}
	if err := w.replica.remove(ctx, w.tx, w.rows, old); err != nil {
		return err
	}
	if err := w.replica.insert(ctx, w.tx, w.rows, fresh); err != nil {
		if guess {
			return errNotNew
		}
		if w.tx.Refuses(err) {
			return &refusedRow{-1, err}
		}
		return err
	}
	w.account.version = max(w.account.version, through)
	w.account.time = max(w.account.time, time)
	return nil
}

// remove deletes the rows that a condition is true of, which may be nil for all.
func (w *writing) remove(ctx context.Context, which squirrel.Sqlizer) error {
	all := w.rows.where()
	if which != nil {
		all = append(all, which)
	}
	where := all
	for {
		var list []kept
		err := w.replica.list(ctx, w.tx, where, 10000, func(one kept) { list = append(list, one) })
		if err != nil || len(list) == 0 {
			return err
		}
		last := list[len(list)-1]
		where = append(slices.Clone(all), squirrel.Expr("("+columnPos+", "+columnHash+") > (?, ?)", int64(last.pos), last.hash))
		for _, one := range list {
			w.changes.remove(w.account.salt, one.print)
		}
		if err := w.replica.remove(ctx, w.tx, w.rows, list); err != nil {
			return err
		}
	}
}

// removeKeys deletes rows by their keys.
func (w *writing) removeKeys(ctx context.Context, keys []string, positions []position) error {
	there, err := w.replica.at(ctx, w.tx, w.rows, positions)
	if err != nil {
		return err
	}
	var old []kept
	for _, key := range keys {
		if before, ok := there[key]; ok {
			delete(there, key)
			old = append(old, before)
			w.changes.remove(w.account.salt, before.print)
		}
	}
	return w.replica.remove(ctx, w.tx, w.rows, old)
}
