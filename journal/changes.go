package journal

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"strings"
	"time"

	"github.com/Masterminds/squirrel"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/store"
)

// ErrPruned is the error of changes that are no longer kept: their reader was away too long.
var ErrPruned = errors.New("the changes after this position are no longer kept")

// page is how many changes are read at a time, and pageBytes about how many bytes.
const (
	page      = 500
	pageBytes = 4 << 20
)

// errFull ends a page that has enough.
var errFull = errors.New("full")

// Changes yields the changes after a position, the Seq of a change or 0, up to the last one
// that was committed when the loop began. It yields whole transactions, of all models, each
// change once, and those of a row in order. What is committed meanwhile comes with the next
// call. Memory does not grow with their number: they are read 500 at a time, and no
// transaction is open while the loop's body runs. An error is yielded once, last: an
// [ErrPruned], or an [ErrNotInstalled].
//
// Call it outside of transactions.
func (j *Journal) Changes(ctx context.Context, after int64) iter.Seq2[Change, error] {
	return func(yield func(Change, error) bool) {
		err := j.each(ctx, after, yield)
		if err != nil && !errors.Is(err, errFull) {
			yield(Change{}, fmt.Errorf("synced: journal: changes after %d: %w", after, err))
		}
	}
}

// each yields until nothing is left; errFull is a loop that was left.
func (j *Journal) each(ctx context.Context, after int64, yield func(Change, error) bool) error {
	if !j.checked.Load() {
		if err := j.check(ctx); err != nil {
			return err
		}
	}
	last, err := j.Last(ctx)
	if err != nil {
		return err
	}
	for limit := page; after < last; {
		list, err := readPage(ctx, j.db, j.all, after, last, limit)
		if err != nil {
			return err
		}
		if len(list) == 0 {
			return nil
		}
		for _, c := range list {
			if !yield(c, nil) {
				return errFull
			}
		}
		after, limit = list[len(list)-1].Seq, min(page, 2*len(list))
	}
	return nil
}

// Last returns the Seq of the last change that is committed, and 0 where there is none. It
// gives changes their place first.
func (j *Journal) Last(ctx context.Context) (last int64, err error) {
	if err := (stamper{j.db, j.sql, j.guid}).stamp(ctx); err != nil {
		return 0, err
	}
	_, err = store.One(ctx, j.db, squirrel.Select("last_seq").From(state), &last)
	return last, err
}

// Pruned returns the last position that is no longer kept: readers go on from it, or from a
// later one. It is 0 where everything is kept.
func (j *Journal) Pruned(ctx context.Context) (pruned int64, err error) {
	return prunedTo(ctx, j.db)
}

func prunedTo(ctx context.Context, db backend.Store) (pruned int64, err error) {
	_, err = store.One(ctx, db, squirrel.Select("pruned").From(state), &pruned)
	return pruned, err
}

// readPage reads some changes.
func readPage(ctx context.Context, db backend.Store, all *tables, after, last int64, limit int) (list []Change, err error) {
	size := 0
	query := squirrel.Select("seq", "tx", "last", "origin", "origin_seq", "via", "model", "key", "op", "old_row", "new_row", "version_time", "version_origin", "bases", "at_ms").
		From(journal).Where("seq > ? AND seq <= ?", after, last).OrderBy("seq").Limit(uint64(limit))
	err = store.Each(ctx, db, query, func(rows store.Rows) error {
		if size > pageBytes {
			return errFull
		}
		var c Change
		var old, updated *string
		var bases string
		var at int64
		if err := rows.Scan(&c.Seq, &c.Tx, &c.Last, &c.Origin, &c.OriginSeq, &c.Via, &c.Model, &c.Key, &c.Op, &old, &updated, &c.Version.Time, &c.Version.Origin, &bases, &at); err != nil {
			return err
		}
		c.At = time.UnixMilli(at).UTC()
		if c.Bases, err = splitVersions(bases); err == nil {
			err = all.of(c.Model).decode(&c, old, updated)
		}
		if err != nil {
			return fmt.Errorf("change %d of %q: %w", c.Seq, c.Model, err)
		}
		for _, text := range []*string{old, updated} {
			if text != nil {
				size += len(*text)
			}
		}
		list = append(list, c)
		return nil
	})
	if errors.Is(err, errFull) {
		err = nil
	}
	if err != nil {
		return nil, err
	}
	// What was read may have been pruned meanwhile, or before.
	pruned, err := prunedTo(ctx, db)
	if err == nil && after < pruned {
		err = fmt.Errorf("%w: the oldest one is %d", ErrPruned, pruned+1)
	}
	return list, err
}

// decode reads the rows of a change. D is nil of a model that is no longer declared.
func (d *described) decode(c *Change, old, updated *string) error {
	olds, err := members(old)
	if err != nil {
		return err
	}
	news, err := members(updated)
	if err != nil {
		return err
	}
	if updated != nil && strings.HasPrefix(*updated, ",") {
		if olds, news, err = pairs(news); err != nil {
			return err
		}
	}
	if c.Op == Update && olds != nil { // where the trigger had to write whole rows
		for name, value := range news {
			if bytes.Equal(value, olds[name]) {
				delete(news, name)
				delete(olds, name)
			}
		}
	}
	if c.Old, err = d.row(olds); err == nil {
		c.New, err = d.row(news)
	}
	return err
}

// row turns what a trigger wrote into a row.
func (d *described) row(raw map[string]jsontext.Value) (Row, error) {
	if raw == nil {
		return nil, nil
	}
	row := make(Row, len(raw))
	for name, value := range raw {
		var c column
		if d != nil {
			c, _ = d.column(name)
		}
		v, err := c.kind.neutral(value)
		if err != nil {
			return nil, fmt.Errorf("column %q: %w", name, err)
		}
		row[name] = v
	}
	return row, nil
}

var _ json.Unmarshaler = (*Row)(nil)
