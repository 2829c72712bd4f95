package upload

import (
	"context"
	"crypto/rand"
	"fmt"
	"iter"
	"slices"

	"github.com/Masterminds/squirrel"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/store"
)

// Copy is a table of a database, for [Compare].
type Copy struct {
	DB    store.Store
	Table string
	// Key are the columns that tell rows apart. Defaults to the primary key of the first
	// copy.
	Key []string
	// Columns are those that are compared beside the key. Defaults to all that the first
	// copy has.
	Columns []string
	// Where is the condition for the rows that are compared. Defaults to all.
	Where store.SQL
}

// Difference is a row that two copies have differently.
type Difference struct {
	Key string // as JSON: [1,"a"]
	// First and Second report whether the copies have the row.
	First, Second bool
	// Columns are those that differ, where both have it.
	Columns []string
}

// String says what differs in a line.
func (d Difference) String() string {
	switch {
	case !d.Second:
		return d.Key + " is only in the first"
	case !d.First:
		return d.Key + " is only in the second"
	default:
		return fmt.Sprintf("%s differs in %q", d.Key, d.Columns)
	}
}

// mostCompared is how many rows of a copy are in memory at once.
const mostCompared = 50000

// Compare yields how two copies of a table differ, also where one is on PostgreSQL and the
// other on SQLite: 1.50 is 1.5, a time is one instant, and JSON one value, however they
// are written. It reads each copy once, and once more for each 50,000 rows of ranges in
// which they differ, with a few megabytes of memory. The error comes last.
//
// What is written meanwhile may be told as a difference.
func Compare(ctx context.Context, a, b Copy) iter.Seq2[Difference, error] {
	return func(yield func(Difference, error) bool) {
		c, err := comparing(ctx, a, b)
		if err == nil {
			err = c.sum(ctx)
		}
		for err == nil && c.next() {
			var goes bool
			if goes, err = c.compare(ctx, yield); !goes && err == nil {
				return
			}
		}
		if err != nil {
			yield(Difference{}, fmt.Errorf("upload: compare %s with %s: %w", a.Table, b.Table, err))
		}
	}
}

// comparison is two copies that are compared.
type comparison struct {
	first, second local
	one, other    *ranges
	from, to      int // ranges of four digits that are compared now
}

func comparing(ctx context.Context, a, b Copy) (*comparison, error) {
	first, err := a.open(ctx, a.Key, a.Columns)
	if err != nil {
		return nil, fmt.Errorf("the first: %w", err)
	}
	shape := &first.mark.shape
	if len(b.Key) == 0 {
		b.Key = shape.Key
	}
	var names []string
	for _, c := range shape.Columns {
		names = append(names, c.Name)
	}
	second, err := b.open(ctx, b.Key, names)
	if err != nil {
		return nil, fmt.Errorf("the second: %w", err)
	}
	if !slices.Equal(shape.Key, second.mark.shape.Key) {
		return nil, fmt.Errorf("their keys are %q and %q", shape.Key, second.mark.shape.Key)
	}
	for i, c := range shape.Columns {
		k, ok := common(c.Kind, second.mark.shape.Columns[i].Kind)
		if !ok {
			return nil, fmt.Errorf("column %q is of kind %s in one and %s in the other", c.Name, c.Kind, second.mark.shape.Columns[i].Kind)
		}
		shape.Columns[i].Kind, second.mark.shape.Columns[i].Kind = k, k
	}
	var salt [16]byte
	_, _ = rand.Read(salt[:]) // it never fails
	first.mark, second.mark = newMarker(*shape, salt), newMarker(second.mark.shape, salt)
	return &comparison{first: first, second: second, one: &ranges{}, other: &ranges{}}, nil
}

func (c Copy) open(ctx context.Context, key, columns []string) (l local, err error) {
	db, err := backend.Of(c.DB)
	if err != nil {
		return l, err
	}
	s, err := describe(ctx, db, c.Table, key, columns)
	if err != nil {
		return l, fmt.Errorf("table %q: %w", c.Table, err)
	}
	l = local{db: db, name: c.Table, mark: newMarker(s, [16]byte{})}
	if c.Where != nil {
		l.where = squirrel.Expr("(?)", c.Where)
	}
	return l, nil
}

// sum reads both copies.
func (c *comparison) sum(ctx context.Context) error {
	for _, side := range []struct {
		of   local
		into *ranges
	}{{c.first, c.one}, {c.second, c.other}} {
		err := side.of.all(ctx, side.of.db, func(r row) error {
			side.into.add(side.of.mark.salt, r.print)
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// differs reports whether a range of four digits differs.
func (c *comparison) differs(n int) bool { return c.one.sums[n] != c.other.sums[n] }

// next takes the next ranges that differ, and reports whether there are any.
func (c *comparison) next() bool {
	c.from = c.to
	rows := int64(0)
	for ; c.to < len(c.one.sums) && rows < mostCompared; c.to++ {
		if c.differs(c.to) {
			rows += max(1, c.one.sums[c.to].Count, c.other.sums[c.to].Count)
		}
	}
	return rows > 0
}

// now reports whether a row is in a range that is compared now.
func (c *comparison) now(r row) bool {
	n := at(r.pos)
	return n >= c.from && n < c.to && c.differs(n)
}

// compare yields how the rows of these ranges differ, and reports whether to go on.
func (c *comparison) compare(ctx context.Context, yield func(Difference, error) bool) (goes bool, err error) {
	rows := map[string]row{}
	err = c.first.all(ctx, c.first.db, func(r row) error {
		if c.now(r) {
			rows[r.key] = r
		}
		return nil
	})
	if err != nil {
		return false, err
	}
	var found []Difference
	err = c.second.all(ctx, c.second.db, func(r row) error {
		if !c.now(r) {
			return nil
		}
		before, ok := rows[r.key]
		delete(rows, r.key)
		if !ok || before.hash != r.hash {
			found = append(found, Difference{r.key, ok, true, c.columns(before, r)})
		}
		return nil
	})
	if err != nil {
		return false, err
	}
	for key := range rows {
		found = append(found, Difference{Key: key, First: true})
	}
	slices.SortFunc(found, func(a, b Difference) int { return compareKeys(a.Key, b.Key) })
	for _, d := range found {
		if !yield(d, nil) {
			return false, nil
		}
	}
	return true, nil
}

// columns returns the names of those that differ.
func (c *comparison) columns(a, b row) (names []string) {
	for i, column := range c.first.mark.shape.Columns {
		if a.values != nil && string(appendCanonical(nil, column.Kind, a.values[i])) != string(appendCanonical(nil, column.Kind, b.values[i])) {
			names = append(names, column.Name)
		}
	}
	return names
}

func compareKeys(a, b string) int {
	if len(a) != len(b) {
		return len(a) - len(b)
	}
	if a < b {
		return -1
	}
	return 1
}
