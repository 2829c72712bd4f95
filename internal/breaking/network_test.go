package breaking_test

import (
	"context"
	"math"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/remote/rest"
	"github.com/syncedgo/synced/remote/wire"
	"github.com/syncedgo/synced/store/postgres"
)

// chance is a source of chance that many goroutines share.
type chance struct {
	mu sync.Mutex
	r  *rand.Rand
}

// seeded starts a source of chance, and says how to start it again.
func seeded(t testing.TB) *rand.Rand {
	t.Helper()
	seed := number(t, "SYNCED_SEED", rand.Uint64())
	t.Logf("SYNCED_SEED=%d", seed)
	return rand.New(rand.NewPCG(seed, 0))
}

// draw is a trouble after 32 bytes to 16 KB, more often early.
func (c *chance) draw(kinds ...string) trouble {
	c.mu.Lock()
	defer c.mu.Unlock()
	return trouble{kind: kinds[c.r.IntN(len(kinds))], after: int(math.Exp2(5 + 9*c.r.Float64())), client: c.r.IntN(3) == 0}
}

// overTLS is a server in front of another one. Over plain HTTP a changed byte in
// a text can't be told from a good one, whoever reads it: only an encrypted
// connection promises that what arrives is what was sent. So that is how bytes
// are corrupted here, anywhere in an answer, its headers and the handshake.
func overTLS(t testing.TB, srv *remotetest.Server) *httptest.Server {
	t.Helper()
	target, err := url.Parse(srv.URL())
	require.NoError(t, err)
	target.Path = ""
	front := httptest.NewUnstartedServer(&httputil.ReverseProxy{
		Transport: srv.Client().Transport,
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(target)
			r.Out.Host = r.In.Host
		},
		ModifyResponse: func(r *http.Response) error {
			r.Header.Set("Link", strings.ReplaceAll(r.Header.Get("Link"), "<http:", "<https:"))
			return nil
		},
	})
	front.Config.ErrorLog = silent
	front.StartTLS()
	t.Cleanup(front.Close)
	return front
}

// TestNetwork_Remote cuts and delays the connections to the remote, and changes
// bytes: C22, C62, C64. A run ends with an error, or the tables are equal.
func TestNetwork_Remote(t *testing.T) {
	inBothModes(t, func(t *testing.T, kind string, atomic bool) {
		r := seeded(t)
		ended := 0
		for _, when := range []string{"first", "changes", "full"} {
			v := newVictim(t, r, kind, database(t, kind), settings{Atomic: atomic, Full: when == "full"}, when)
			front := overTLS(t, v.srv)
			c := &chance{r: r}
			p := newProxy(t, "tcp", front.Listener.Addr().String(), func() trouble { return c.draw("cut", "corrupt", "delay") })
			api, err := rest.NewClient(rest.Config{BaseURL: "https://" + p.Addr().String() + "/api/v3", Auth: wire.Bearer(token), HTTP: front.Client(),
				Retry: wire.Retry{Max: 1, First: time.Millisecond}})
			require.NoError(t, err)
			m := v.model(t)
			for i := 0; i < 4 || ended == 0 && i < 50; i++ {
				front.Client().CloseIdleConnections() // each attempt has a trouble of its own
				if v.attemptOver(t, m, api) != nil {
					ended++
				}
			}
			p.relax()
			require.NoError(t, v.attemptOver(t, m, api))
			v.settled(t)
		}
		require.Positive(t, ended, "nothing was broken")
		t.Logf("%d runs ended by an error", ended)
	})
}

// attemptOver synchronizes, looks at what is left, and returns the error. It does
// not take for ever.
func (v *victim) attemptOver(t *testing.T, m *synced.Model[Villa], api remote.API) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	call := synced.Call{API: api}
	if v.task.Atomic {
		// Nothing moves in the list. An answer about one record that does not come would
		// keep its row, so that the run is in step but for that.
		call.Remove = synced.Destroy{Verify: synced.VerifyNever}
	}
	result, err := m.Synchronize(ctx, synced.In(1), call)
	require.NoError(t, ctx.Err(), "the run hangs")
	v.check(t)
	if err == nil && result.Refused == nil { // a record that could not be asked for keeps its row, and is told
		v.settled(t)
	}
	return err
}

// TestNetwork_RemoteStalls says nothing more in the middle of an answer: the
// client's own limit ends the run.
func TestNetwork_RemoteStalls(t *testing.T) {
	inBothModes(t, func(t *testing.T, kind string, atomic bool) {
		v := newVictim(t, seeded(t), kind, database(t, kind), settings{Atomic: atomic, Full: true}, "full")
		target, err := url.Parse(v.srv.URL())
		require.NoError(t, err)
		p := newProxy(t, "tcp", target.Host, func() trouble { return trouble{kind: "stall", after: 5_000} })
		config := rest.Config{BaseURL: "http://" + p.Addr().String() + "/api/v3", Auth: wire.Bearer(token), HTTP: v.srv.Client(), Timeout: 200 * time.Millisecond, Retry: wire.Retry{Max: -1}}
		api, err := rest.NewClient(config)
		require.NoError(t, err)
		m := v.model(t)
		err = v.attemptOver(t, m, api)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.ErrorContains(t, err, "no whole answer within 200ms")
		v.finish(t, m)
	})
}

// proxied is a pool whose connections go through a proxy.
func proxied(t *testing.T, address string, of func() trouble) (*pgxpool.Pool, *proxy) {
	t.Helper()
	direct, err := pgx.ParseConfig(address)
	require.NoError(t, err)
	network, server := pgconn.NetworkAddress(direct.Host, direct.Port)
	p := newProxy(t, network, server, of)
	config, err := pgxpool.ParseConfig(address)
	require.NoError(t, err)
	config.ConnConfig.Host, config.ConnConfig.Port = "127.0.0.1", uint16(p.Addr().Port)
	config.ConnConfig.Fallbacks = nil
	pool, err := pgxpool.NewWithConfig(context.Background(), config)
	require.NoError(t, err)
	t.Cleanup(pool.Close)
	return pool, p
}

// TestNetwork_Postgres cuts and delays the connections to the database: what was
// in doubt, because the answer to a commit was lost, is not.
func TestNetwork_Postgres(t *testing.T) {
	t.Parallel()
	for _, atomic := range []bool{false, true} {
		t.Run(settings{Atomic: atomic}.String(), func(t *testing.T) {
			t.Parallel()
			r := seeded(t)
			ended := 0
			for _, when := range []string{"first", "changes", "full"} {
				v := newVictim(t, r, "postgres", database(t, "postgres"), settings{Atomic: atomic, Full: when == "full"}, when)
				c := &chance{r: r}
				pool, p := proxied(t, v.task.Database, func() trouble { return c.draw("cut", "delay") })
				for i := 0; i < 4 || ended == 0 && i < 50; i++ {
					pool.Reset()
					m, err := bind(postgres.New(pool, postgres.Options{}).Backend(), v.task.settings)
					if err == nil {
						err = v.attemptOver(t, m, client(t, v.srv, token))
					}
					if err != nil {
						ended++
					}
				}
				p.relax()
				pool.Reset()
				m, err := bind(postgres.New(pool, postgres.Options{}).Backend(), v.task.settings)
				require.NoError(t, err)
				v.finish(t, m)
			}
			require.Positive(t, ended, "nothing was broken")
			t.Logf("%d runs ended by an error", ended)
		})
	}
}

// TestNetwork_PostgresStalls says nothing more: the caller's context ends the run.
func TestNetwork_PostgresStalls(t *testing.T) {
	t.Parallel()
	v := newVictim(t, seeded(t), "postgres", database(t, "postgres"), settings{}, "changes")
	quiet := true
	pool, p := proxied(t, v.task.Database, func() trouble {
		if quiet {
			return trouble{}
		}
		return trouble{kind: "stall", after: 2_000}
	})
	m, err := bind(postgres.New(pool, postgres.Options{}).Backend(), v.task.settings)
	require.NoError(t, err)
	p.mu.Lock()
	quiet = false
	p.mu.Unlock()
	pool.Reset()
	ctx, cancel := context.WithTimeout(context.Background(), 500*time.Millisecond)
	defer cancel()
	_, err = m.Synchronize(ctx, synced.In(1), synced.Call{API: client(t, v.srv, token)})
	require.ErrorIs(t, err, context.DeadlineExceeded)
	p.relax()
	pool.Reset()
	v.check(t)
	v.finish(t, m)
}
