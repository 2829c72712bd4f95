package upload

import (
	"context"

	"github.com/Masterminds/squirrel"

	"github.com/syncedgo/synced/store"
)

// ranges are the sums of the 65,536 ranges of four digits, in memory: 1.5 MB.
type ranges struct {
	sums [1 << 16]Sum
}

func at(p position) int { return int(p.of(4).bits >> 48) }

func (r *ranges) add(salt [16]byte, p print) {
	n := at(p.pos)
	r.sums[n] = r.sums[n].plus(element(salt, p))
}

// same reports whether the range of a position has the same rows in both.
func (r *ranges) same(other *ranges, p position) bool { return r.sums[at(p)] == other.sums[at(p)] }

func (r *ranges) equal(other *ranges) bool { return r.sums == other.sums }

// load reads the sums that are kept.
func (r *ranges) load(ctx context.Context, q store.Querier, t tree) error {
	return t.each(ctx, q, squirrel.Expr("node >= ?", 1<<16), func(n int64, s Sum) {
		if n -= 1 << 16; n >= 0 && n < 1<<16 {
			r.sums[n] = s
		}
	})
}
