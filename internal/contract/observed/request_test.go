package observed_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/observe"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/remote/rest"
	"github.com/syncedgo/synced/remote/wire"
)

// What the remote says of waiting is told before the wait.
func TestContract_C220_RequestsAreObserved(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		var made []observe.RequestMade
		b.Put("1")
		d := harness.Rentals()
		d.Observer = observe.Func(func(ctx context.Context, e observe.Event) context.Context {
			if e, ok := e.(observe.RequestMade); ok {
				made = append(made, e)
			}
			return ctx
		})
		clock := &wireClock{}
		api, err := rest.NewClient(rest.Config{BaseURL: b.Server.URL(), Auth: wire.APIKeyQuery("own", harness.Token), Clock: clock, HTTP: b.Server.Client()})
		require.NoError(t, err)
		d.API = api
		b.Server.Fault(remotetest.Fault{Status: 503, Header: http.Header{"Retry-After": {"7"}}})
		_, err = harness.Model(t, b, d).Synchronize(t.Context(), synced.In(1))
		require.Error(t, err, "the key is not the fake's")
		require.Len(t, made, 2)
		require.Equal(t, []any{1, 503, 7 * time.Second}, []any{made[0].Attempt, made[0].Status, made[0].Wait})
		require.Equal(t, []any{2, 401, time.Duration(0)}, []any{made[1].Attempt, made[1].Status, made[1].Wait})
		require.ErrorIs(t, made[1].Err, remote.ErrUnauthorized)
		require.Equal(t, "GET", made[0].Method)
		require.NotContains(t, fmt.Sprint(made), harness.Token)
	})
}

// Credentials that change are in no event either, the old nor the new.
func TestContract_C221_CredentialsThatChange(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		var urls []string
		b.Put("1", "2", "3", "4", "5", "6", "7")
		d := harness.Rentals()
		d.Observer = observe.Func(func(ctx context.Context, e observe.Event) context.Context {
			if e, ok := e.(observe.RequestMade); ok {
				urls = append(urls, e.URL)
			}
			return ctx
		})
		made := 0
		auth := wire.AuthFunc(func(req *http.Request) error {
			req.Header.Set("Authorization", "Bearer "+harness.Token)
			req.Header.Set("X-Own", fmt.Sprintf("key%dofthem", made/2))
			made++
			return nil
		})
		api, err := rest.NewClient(rest.Config{BaseURL: b.Server.URL(), Auth: auth, HTTP: b.Server.Client()})
		require.NoError(t, err)
		d.API = api
		harness.Sync(t, harness.Model(t, b, d), synced.In(1), synced.Call{Ask: synced.Ask{Query: url.Values{"note": {"key0ofthem key1ofthem"}}}})
		require.Len(t, urls, 3)
		require.Contains(t, urls[0], "note=[redacted]+key1ofthem")
		require.Contains(t, urls[2], "note=key0ofthem+[redacted]")
	})
}

// wireClock is a clock whose waits take no time.
type wireClock struct{ slept time.Duration }

func (c *wireClock) Now() time.Time { return time.Now() }
func (c *wireClock) Sleep(_ context.Context, d time.Duration) error {
	c.slept += d
	return nil
}
