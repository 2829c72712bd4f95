package peer

import (
	"context"
	"fmt"
	"math/rand/v2"

	"github.com/google/uuid"
)

// placeholder gives a key to a row of the peer's that never was here, so that the journal can
// name it: no row has it, nor will have.
func (a *applying) placeholder(ctx context.Context, d *dispute) ([]string, error) {
	if !d.m.translated {
		return a.names.key(ctx, d.m, d.change.Row)
	}
	key := uuid.NewString()
	if _, isText := d.m.keyValue(0, "").(string); !isText {
		key = fmt.Sprint(-1 - rand.Int64N(1<<31-1)) // no database gives negative keys by itself
	}
	return []string{key}, a.names.keep(ctx, a.tx, d.m, d.change.Row, key, a.from.GUID, d.change.Seq)
}
