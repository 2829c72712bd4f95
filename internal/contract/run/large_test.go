package run_test

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/observe"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/strategy"
)

// bare is a rental whose row does not keep the object.
type bare struct {
	ID        int64  `db:"id"`
	SyncedID  int64  `json:"id" db:"synced_id"`
	AccountID int64  `db:"account_id"`
	Name      string `json:"name" db:"name"`
}

// Pages that were fetched and are not written have 32 MiB at most, or are one page. One
// that is larger than that is written all the same.
func TestContract_C430_LargePagesAreFewAtOnce(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		for table, c := range map[string]struct{ pages, bytes, most int }{
			"medium": {4, 12 << 20, 2},
			"huge":   {3, 17 << 20, 1},
			"beyond": {2, 33 << 20, 1},
		} {
			strip := &harness.Strip{T: t}
			for i := range c.pages {
				strip.Listing = append(strip.Listing, []remotetest.Record{{"id": i + 1, "name": fmt.Sprint(i)}})
			}
			var written atomic.Int64
			strip.Each = func(i int, p *remote.Page) {
				if ahead := i + 1 - int(written.Load()); ahead > c.most {
					panic(fmt.Sprint(table, ": ", ahead, " pages are ahead of what is written"))
				}
				raw := string(p.Objects[0].Raw())
				p.Objects[0] = remote.UncheckedObject([]byte(strings.Replace(raw, "{", "{"+strings.Repeat(" ", c.bytes), 1)))
			}
			d := synced.Synced[bare]{Table: table, Scope: "account_id", API: strip, Strategy: strategy.Full{}}
			d.Observer = observe.Func(func(ctx context.Context, e observe.Event) context.Context {
				if w, ok := e.(observe.WriteEnded); ok {
					written.Store(int64(w.Page))
				}
				return ctx
			})
			m := harness.Model(t, b, d)
			require.Equal(t, c.pages, harness.Sync(t, m, synced.In(1)).Created, table)
			b.Execute(t, "DROP TABLE "+table)
		}
	})
}
