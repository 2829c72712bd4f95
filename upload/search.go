package upload

import (
	"context"
	"encoding/binary"
	"slices"

	"github.com/syncedgo/synced/store"
)

// asked is the other side of a search: it answers questions.
type asked interface {
	ask(ctx context.Context, q question) (answer, error)
}

// side is the client's side of a search.
type side interface {
	// children returns the sums of the 16 parts of a range.
	children(ctx context.Context, p prefix) ([digits]Sum, error)
	// list calls found with each row of a range.
	list(ctx context.Context, p prefix, found func(print)) error
}

// keptSide is what a database keeps of a table.
type keptSide struct {
	tree tree
	q    store.Querier
}

var _ side = keptSide{}

func (k keptSide) children(ctx context.Context, p prefix) ([digits]Sum, error) {
	return k.tree.children(ctx, k.q, p)
}

func (k keptSide) list(ctx context.Context, p prefix, found func(print)) error {
	return k.tree.list(ctx, k.q, p, func(at print, _ Sum) { found(at) })
}

// found is what a search found.
type found struct {
	missing []print  // ours, that the other side does not have
	extra   []string // keys of theirs, whose rows we do not have so
	more    bool     // whether there is more to find
}

// mostDiffering is how many ranges one search follows. What differs in others is found by
// the next.
const mostDiffering = 8192

// differing is a range that differs, and the other side's sum of it.
type differing struct {
	prefix
	theirs Sum
}

// search finds how two sides differ, 16 ways a round. It asks for the sums of the parts of
// each range that differs, until a part has so few rows that their hashes are named. All is
// the other side's sum of all rows.
func search(ctx context.Context, mine side, other asked, all Sum) (f found, err error) {
	var leaves []prefix
	for ranges := []differing{{theirs: all}}; len(ranges) > 0; {
		var next []differing
		for part := range slices.Chunk(ranges, mostRanges) {
			parts, err := partsOf(ctx, other, part)
			if err != nil {
				return f, err
			}
			for i, p := range part {
				ours, err := mine.children(ctx, p.prefix)
				if err != nil {
					return f, err
				}
				small, large := p.differ(ours, parts[i])
				if len(small) > digits/2 && len(large) == 0 {
					small = []prefix{p.prefix} // its rows cost less than a word for each part
				}
				leaves, next = append(leaves, small...), append(next, large...)
			}
		}
		if len(next) > mostDiffering {
			next, f.more = next[:mostDiffering], true
		}
		ranges = next
		if len(leaves) > mostDiffering {
			leaves, ranges, f.more = leaves[:mostDiffering], nil, true
		}
	}
	for part := range slices.Chunk(leaves, mostRanges) {
		if err := f.look(ctx, mine, other, part); err != nil {
			return f, err
		}
	}
	return f, nil
}

// differ returns the parts that differ: those that have few rows of ours, and others.
func (r differing) differ(ours, theirs [digits]Sum) (small []prefix, large []differing) {
	for d, sum := range theirs {
		if ours[d].same(sum) {
			continue
		}
		if child := r.child(d); ours[d].Count <= leafRows || child.depth == deepest {
			small = append(small, child)
		} else {
			large = append(large, differing{child, sum})
		}
	}
	return small, large
}

// partsOf asks for the sums of the parts of ranges. The last part's is what is missing to
// the sum of the range.
func partsOf(ctx context.Context, other asked, ranges []differing) ([][digits]Sum, error) {
	names := make([]string, len(ranges))
	for i, p := range ranges {
		names[i] = p.String()
	}
	told, err := other.ask(ctx, question{Ranges: names})
	if err != nil {
		return nil, err
	}
	if len(told.Sums) != len(ranges)*(digits-1)*sumSize {
		return nil, errAnswer
	}
	parts := make([][digits]Sum, len(ranges))
	for i, p := range ranges {
		last := p.theirs
		for d := range digits - 1 {
			parts[i][d] = sumOf(told.Sums)
			last = last.minus(parts[i][d])
			told.Sums = told.Sums[sumSize:]
		}
		parts[i][digits-1] = last
	}
	return parts, nil
}

// look names the hashes of leaves.
func (f *found) look(ctx context.Context, mine side, other asked, leaves []prefix) error {
	have := make([][]print, len(leaves))
	var question question
	for i, p := range leaves {
		l := leaf{Range: p.String()}
		err := mine.list(ctx, p, func(at print) {
			have[i] = append(have[i], at)
			l.Hashes = binary.BigEndian.AppendUint64(l.Hashes, uint64(at.hash))
		})
		if err != nil {
			return err
		}
		question.Leaves = append(question.Leaves, l)
	}
	theirs, err := other.ask(ctx, question)
	if err != nil {
		return err
	}
	if len(theirs.Leaves) != len(leaves) {
		return errAnswer
	}
	for i, d := range theirs.Leaves {
		f.more = f.more || d.More
		for _, n := range d.Missing {
			if n < 0 || n >= len(have[i]) {
				return errAnswer
			}
			f.missing = append(f.missing, have[i][n])
		}
		for _, key := range d.Extra {
			f.extra = append(f.extra, string(key))
		}
	}
	return nil
}
