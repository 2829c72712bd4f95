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

// found is what a search found.
type found struct {
	missing []print  // ours, that the other side does not have
	extra   []string // keys of theirs, whose rows we do not have so
	more    bool     // whether there is more to find
}

// mostDiffering is how many ranges one search follows. What differs in others is found by
// the next.
const mostDiffering = 8192

// search finds how two sides differ, 16 ways a round. It asks for the sums of the parts of
// each range that differs, until a part has so few rows that their hashes are named.
func search(ctx context.Context, mine tree, q store.Querier, other asked) (f found, err error) {
	var leaves []prefix
	for ranges := []prefix{{}}; len(ranges) > 0; {
		var next []prefix
		for part := range slices.Chunk(ranges, mostRanges) {
			names := make([]string, len(part))
			for i, p := range part {
				names[i] = p.String()
			}
			theirs, err := other.ask(ctx, question{Ranges: names})
			if err != nil {
				return f, err
			}
			if len(theirs.Sums) != len(part)*digits*sumSize {
				return f, errAnswer
			}
			for i, p := range part {
				ours, err := mine.children(ctx, q, p)
				if err != nil {
					return f, err
				}
				for d := range digits {
					if ours[d].same(sumOf(theirs.Sums[(i*digits+d)*sumSize:])) {
						continue
					}
					if child := p.child(d); ours[d].Count <= leafRows || child.depth == deepest {
						leaves = append(leaves, child)
					} else {
						next = append(next, child)
					}
				}
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
		if err := f.look(ctx, mine, q, other, part); err != nil {
			return f, err
		}
	}
	return f, nil
}

// look names the hashes of leaves.
func (f *found) look(ctx context.Context, mine tree, q store.Querier, other asked, leaves []prefix) error {
	have := make([][]print, len(leaves))
	var question question
	for i, p := range leaves {
		l := leaf{Range: p.String()}
		err := mine.list(ctx, q, p, func(at print, _ Sum) {
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
