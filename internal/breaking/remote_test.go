package breaking_test

import (
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/remote/rest"
	"github.com/syncedgo/synced/remote/wire"
)

// token of the default account.
const token = "token-of-account-1"

// newRemote is a server with n villas on pages of perPage.
func newRemote(t testing.TB, r *rand.Rand, n, perPage int) *remotetest.Server {
	t.Helper()
	return newRemoteOf(t, r, n, perPage, settings{})
}

func newRemoteOf(t testing.TB, r *rand.Rand, n, perPage int, s settings) *remotetest.Server {
	t.Helper()
	config := remotetest.Config{PerPage: perPage, Token: token}
	if s.Stable {
		config.Style = remotetest.Style{By: remotetest.ByCursor, NextParam: nextCursor}
	}
	if s.Export {
		config.Style = remotetest.Style{Format: remotetest.AsNDJSON}
		config.Export = &remotetest.Export{Files: 3}
	}
	srv := remotetest.New(config)
	t.Cleanup(srv.Close)
	fill(srv.Collection("villas"), r, n)
	return srv
}

func fill(c *remotetest.Collection, r *rand.Rand, n int) {
	for id := 1; id <= n; id++ {
		c.Put(villa(r, id))
	}
}

// villa is a villa with up to three photos, whose ids are the villa's times ten
// and more.
func villa(r *rand.Rand, id int) remotetest.Record {
	list := []any{}
	for i := range 3 {
		if r.IntN(2) == 0 {
			list = append(list, remotetest.Record{"id": 10*id + i, "url": fmt.Sprintf("/%d/%d", id, r.IntN(100))})
		}
	}
	headline := map[string]any{}
	for _, locale := range []string{"de", "en", "fr"} {
		if r.IntN(2) == 0 {
			headline[locale] = fmt.Sprintf("%s %d", locale, r.IntN(100))
		}
	}
	return remotetest.Record{"id": id, "name": fmt.Sprintf("name %d", r.IntN(1000)), "photos": list, "headline": headline, "size": r.IntN(1000)}
}

// edit changes about a third of a collection: it updates, deletes, creates.
func edit(srv *remotetest.Server, c *remotetest.Collection, r *rand.Rand) {
	srv.Advance(time.Minute)
	next := 0
	for _, id := range c.IDs() {
		n := int(id.(int64))
		next = max(next, n+1)
		switch r.IntN(9) {
		case 0:
			c.Delete(n)
		case 1, 2:
			c.Put(villa(r, n))
		}
	}
	for range 1 + r.IntN(8) {
		c.Put(villa(r, next))
		next++
	}
	srv.Advance(time.Minute)
}

// heavy adds the given number of incompressible bytes to each of 36 villas.
func heavy(c *remotetest.Collection, r *rand.Rand, bytes int) {
	chance := rand.NewChaCha8([32]byte{byte(r.Uint32())})
	noise := make([]byte, bytes)
	for _, id := range c.IDs()[:min(36, c.Len())] {
		_, _ = chance.Read(noise) // never an error
		c.Update(id, remotetest.Record{"noise": base64.StdEncoding.EncodeToString(noise)})
	}
}

// nextCursor is where answers have the next cursor.
const nextCursor = "meta.next_cursor"

// config says how the lists of an API are asked for, whose files are on a host.
func (s settings) config(c rest.Config, files string) rest.Config {
	if s.Stable {
		c.Pagination = rest.Cursor{Path: nextCursor}
	}
	if s.Export {
		c.Body, c.TotalPath, c.SyncedAtPath = rest.NDJSON{}, "total", "started_at"
		c.Export = &rest.Export{
			Job: "id", Poll: rest.Step{Path: "exports/%s"}, State: "state", Done: []string{"done"}, Files: "files.url", Hosts: []string{files},
			Interval: time.Millisecond, Delete: rest.Step{Method: http.MethodDelete, Path: "exports/%s"},
		}
	}
	return c
}

// client is a client of a server, whose connections end with the test.
func client(t testing.TB, srv *remotetest.Server, token string) *rest.Client {
	t.Helper()
	return clientOf(t, srv, token, settings{})
}

func clientOf(t testing.TB, srv *remotetest.Server, token string, s settings) *rest.Client {
	t.Helper()
	c, err := rest.NewClient(s.config(rest.Config{BaseURL: srv.URL(), Auth: wire.Bearer(token), HTTP: srv.Client()}, srv.Files()))
	require.NoError(t, err)
	return c
}
