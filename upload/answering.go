package upload

import (
	"context"
	"encoding/binary"
	"fmt"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/syncedgo/synced/store"
)

// answering is what is known of a tenant's rows, to answer questions about them.
type answering struct {
	q       store.Querier
	replica replica
	sums    tree // with what it needs of rows
}

func (s *storage) answering(ctx context.Context, t tenant) (a answering, err error) {
	r, err := s.replica(ctx, t.table)
	if err != nil {
		return a, err
	}
	of, err := s.account(ctx, s.db, t, "")
	if err != nil {
		return a, err
	}
	sums, rows := s.tree(of, r)
	sums.below = &rows
	return answering{s.db, r, sums}, nil
}

var _ asked = answering{}

// ask answers a question of a client's search.
func (a answering) ask(ctx context.Context, q question) (answer, error) {
	var all answer
	if len(q.Ranges) > mostRanges || len(q.Leaves) > mostRanges {
		return all, fmt.Errorf("%w: at most %d ranges", errRequest, mostRanges)
	}
	for _, name := range q.Ranges {
		p, ok := parsePrefix(name)
		if !ok || p.depth == deepest {
			return all, fmt.Errorf("%w: %q is no range that has parts", errRequest, name)
		}
		sums, err := a.sums.children(ctx, a.q, p)
		if err != nil {
			return all, err
		}
		for _, s := range sums[:digits-1] {
			all.Sums = s.append(all.Sums)
		}
	}
	extra := mostExtra
	for _, l := range q.Leaves {
		d, err := a.leaf(ctx, l, &extra)
		if err != nil {
			return all, err
		}
		all.Leaves = append(all.Leaves, d)
	}
	return all, nil
}

// leaf compares the hashes of a range.
func (a answering) leaf(ctx context.Context, l leaf, extra *int) (d differ, err error) {
	p, ok := parsePrefix(l.Range)
	if !ok || len(l.Hashes)%8 != 0 || len(l.Hashes) > 8*mostExtra {
		return d, fmt.Errorf("%w: leaf %q", errRequest, l.Range)
	}
	named := map[int64]int{}
	for n := range len(l.Hashes) / 8 {
		named[int64(binary.BigEndian.Uint64(l.Hashes[8*n:]))] = n
	}
	there := make([]bool, len(l.Hashes)/8)
	count := 0
	err = a.replica.list(ctx, a.q, a.sums.below.within(p), mostExtra+1, func(one kept) {
		n, ok := named[one.hash]
		switch {
		case ok:
			there[n] = true
		case *extra == 0:
			d.More = true
		default:
			*extra--
			d.Extra = append(d.Extra, jsontext.Value(one.key))
		}
		count++
	})
	if count > mostExtra {
		// Hashes that were not looked at are not known to be missing.
		d.More = true
		return d, err
	}
	for n, ok := range there {
		if !ok {
			d.Missing = append(d.Missing, n)
		}
	}
	return d, err
}
