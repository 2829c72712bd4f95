package cli

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/schedule"
)

func TestContract_C277_Forget(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		p := played(t, b, func(d *synced.Synced[harness.Rental]) { d.Invalid = synced.Quarantine{} })
		accounts := schedule.Fixed(synced.In(1), synced.In(2))
		models := p.registry.Models
		p.registry.Models = func(ctx context.Context) ([]schedule.Entry, error) {
			list, err := models(ctx)
			list[0].Scopes = accounts
			return list, err
		}
		p.put(1, "one")
		p.put(2, "two")
		require.NoError(t, exit(p.run("sync")))
		kept := func() []string { return b.Column(t, "SELECT scope_id FROM synced_runs ORDER BY scope_id") }

		p.expect(2, "forget rentals", "error: say which with --scope, or --gone for what the service no longer has")
		p.expect(2, "forget rentals --gone --scope 1", "error: say which with --scope, or --gone for what the service no longer has")
		p.expect(2, "forget rentals --scope 3", "error: rentals has no scope 3: did you mean 1 or 2?")
		p.expect(0, "forget --gone", "nothing is kept of scopes that the service no longer has")
		require.Equal(t, []string{"1", "2"}, kept())

		accounts = schedule.Fixed(synced.In(1)) // account 2 leaves
		out, _ := p.run("status")
		require.Contains(t, out, "1 scope, 0 with something wrong\n1 scope that the service no longer has: forget --gone\n")
		p.expect(0, "forget --gone", "rentals 2: forgotten")
		require.Equal(t, []string{"1"}, kept())
		require.Len(t, b.Column(t, "SELECT name FROM rentals"), 2, "rows stay")

		accounts = schedule.Fixed(synced.In(1), synced.In(2))
		require.NoError(t, exit(p.run("sync")))
		accounts = schedule.Fixed(synced.In(1))
		p.expect(0, "forget rentals --scope 2 --scope 1 --json", `{"model":"rentals","scope":"2","done":"forgotten","count":1}`, `{"model":"rentals","scope":"1","done":"forgotten","count":1}`)
		require.Empty(t, kept())

		// A service that says it has nobody may be mistaken.
		require.NoError(t, exit(p.run("sync")))
		accounts = schedule.Fixed()
		out, code := p.run("forget", "--gone")
		require.Equal(t, 2, code)
		require.Equal(t, "error: the service has no scope of rentals at all, which may be an error of its own: name those to forget with --scope\n", out)
		require.Equal(t, []string{"1"}, kept())
		p.expect(0, "forget rentals --scope 1", "rentals 1: forgotten")
	})
}

func TestContract_C277_ForgetParents(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		p := family(t, b)
		require.NoError(t, exit(p.run("sync")))
		keys := b.Column(t, "SELECT id FROM repos ORDER BY id")
		times := func() int { return len(b.Column(t, "SELECT scope_id FROM synced_parents WHERE model = 'issues'")) }
		require.Equal(t, 2, times())
		p.expect(0, "forget issues --parent "+keys[0], "issues, parent "+keys[0]+": forgotten")
		require.Equal(t, 1, times())
		p.expect(0, "forget issues --scope 1", "issues 1: forgotten")
		require.Zero(t, times())
		p.b.Server.Advance(time.Hour)
		require.NoError(t, exit(p.run("sync")))
		require.Equal(t, 2, times())
	})
}
