package badinput_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/mapper"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/remote/rest"
	"github.com/syncedgo/synced/remote/wire"
	"github.com/syncedgo/synced/strategy"
)

// TestBadInput sends a bad second page. Whatever is wrong with it: the error
// says where, the first page stands, the stored time does not move, and the next
// run mends everything.
func TestBadInput(t *testing.T) {
	const secret = "token-of-account-1"
	fault := func(f remotetest.Fault) func(b *harness.Bundle) {
		f.Page = 2
		return func(b *harness.Bundle) { b.Server.Fault(f) }
	}
	raw := func(raw string) func(b *harness.Bundle) {
		return func(b *harness.Bundle) { b.Server.Collection("rentals").PutRaw(raw) }
	}
	cases := []struct {
		name    string
		arrange func(b *harness.Bundle)
		is      error  // nil when only the message counts
		message string // after "synced: rentals (account_id 1): page 2: "
	}{
		{"not JSON", fault(remotetest.Fault{Body: "<html>Proxy error " + secret + "</html>", Header: http.Header{"Content-Type": {"text/html"}}}), nil, "the answer is text/html, not JSON"},
		{"not JSON at all", fault(remotetest.Fault{Body: "oops"}), nil, "JSON"},
		{"an envelope without the key", fault(remotetest.Fault{Body: `{"data":[]}`}), remote.ErrNoRecords, `"rentals"`},
		{"a record that is no object", fault(remotetest.Fault{Body: `{"rentals":[{"id":4,"name":"x"},7]}`}), nil, "rentals[1]: a number, not an object"},
		{"a record without an id", fault(remotetest.Fault{Body: `{"rentals":[{"id":4,"name":"x"},{"name":"no id"}]}`}), nil, "record no. 2: id: the record has no such attribute, and it is the remote id: name the one that is in the json tag of field SyncedID"},
		{"an id of the wrong type", fault(remotetest.Fault{Body: `{"rentals":[{"id":"4","name":"x"}]}`}), nil, `record no. 1: id: the remote id is "4", but field SyncedID wants a 64-bit integer`},
		{"an id that is too large", fault(remotetest.Fault{Body: `{"rentals":[{"id":9223372036854775808,"name":"x"}]}`}), nil, `record no. 1: id: the remote id is 9223372036854775808, but field SyncedID wants a 64-bit integer`},
		{"two records with one id", fault(remotetest.Fault{Body: `{"rentals":[{"id":4,"name":"x"},{"id":4,"name":"y"}]}`}), synced.ErrDuplicateID, "record 4: two different records of one page have the same remote id: no. 1 and no. 2: most likely another attribute is the id, or several together are"},
		{"a number for a string", raw(`{"id":5,"name":12}`), nil, "record 5: name: the number 12 does not fit field Name of type string"},
		{"a string for a number", raw(`{"id":5,"name":"x","surface":"big"}`), nil, `record 5: surface: the string "big" does not fit field RemoteSize of type *int`},
		{"a deleted id of the wrong type", fault(remotetest.Fault{Body: `{"rentals":[],"meta":{"deleted_ids":["x"]}}`}), nil, `deleted id no. 1: id: the remote id is "x", but field SyncedID wants a 64-bit integer`},
		{"a truncated body", fault(remotetest.Fault{Truncate: 40}), nil, "the body is cut short"},
		{"invalid UTF-8", fault(remotetest.Fault{Body: "{\"rentals\":[{\"id\":4,\"name\":\"\xff\xfe\"}]}"}), nil, "UTF-8"},
		{"a reset connection", fault(remotetest.Fault{Reset: true, Times: -1}), nil, "connection reset by peer"},
		{"404", fault(remotetest.Fault{Status: 404}), remote.ErrNotFound, "404"},
		{"401", fault(remotetest.Fault{Status: 401, Body: `{"error":"bad token ` + secret + `"}`}), remote.ErrUnauthorized, "401"},
		{"422", fault(remotetest.Fault{Status: 422}), remote.ErrInvalid, "422"},
		{"429", fault(remotetest.Fault{Status: 429}), remote.ErrLimited, "429"},
		{"500", fault(remotetest.Fault{Status: 500}), remote.ErrUnavailable, "500"},
		{"a total that is no number", fault(remotetest.Fault{Header: http.Header{"X-Total-Count": {"many"}}}), nil, "X-Total-Count"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
				b.Put("one", "two", "three", "four", "five", "six")
				d := harness.Incremental(strategy.UpdatedSince{Tolerance: -1})
				d.Remove = synced.Destroy{}
				rentals := harness.Model(t, b, d)
				stored := harness.Sync(t, rentals, synced.In(1)).StoredTime
				b.Server.Advance(1)
				b.Put("ONE", "TWO", "THREE", "FOUR", "FIVE", "SIX")
				c.arrange(b)

				result, err := rentals.Synchronize(context.Background(), synced.In(1))
				require.Error(t, err)
				require.True(t, strings.HasPrefix(err.Error(), "synced: rentals (account_id 1): page 2: "), err.Error())
				require.Contains(t, err.Error(), c.message)
				require.NotContains(t, err.Error(), secret)
				require.NotContains(t, err.Error(), "\n")
				if c.is != nil {
					require.ErrorIs(t, err, c.is)
				}
				var where *synced.Error
				require.ErrorAs(t, err, &where)
				require.Equal(t, 2, where.Page)
				require.Equal(t, harness.Counts{Updated: 3}, harness.CountsOf(result), "the first page stands")
				require.Zero(t, result.StoredTime)
				require.Equal(t, []string{"ONE", "TWO", "THREE", "four", "five", "six"}, harness.Names(t, rentals, synced.In(1)))

				b.Server.ClearFaults()
				b.Server.Collection("rentals").PutRaw(`{"id":5,"name":"FIVE"}`)
				next := harness.Sync(t, rentals, synced.In(1))
				require.Equal(t, stored, next.Since, "the stored time did not move")
				require.Equal(t, []string{"ONE", "TWO", "THREE", "FOUR", "FIVE", "SIX"}, harness.Names(t, rentals, synced.In(1)))
			})
		})
	}
}

// A NUL is valid JSON that PostgreSQL keeps in no text: columns get its picture,
// U+2400, and the stored object keeps what was received.
func TestBadInput_NUL(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		ctx := context.Background()
		const raw = `{"id":1,"name":"a\u0000b","price":"\\u0000","bedrooms_count":2}`
		b.Server.Collection("rentals").PutRaw(raw)
		b.Server.Collection("rentals").Put(remotetest.Record{"id": 2, "name": "two"})
		rentals := harness.Model(t, b, harness.Rentals())
		require.Equal(t, harness.Counts{Created: 2}, harness.CountsOf(harness.Sync(t, rentals, synced.In(1))))
		row, err := rentals.Find(ctx, synced.In(1), 1)
		require.NoError(t, err)
		require.Equal(t, "a\u2400b", row.Name)
		require.Equal(t, `\u0000`, *row.Price, "a backslash and a u is no NUL")
		require.Equal(t, raw, row.SyncedData.String())
		require.Equal(t, harness.Counts{Unchanged: 2}, harness.CountsOf(harness.Sync(t, rentals, synced.In(1))))
		diff, err := rentals.Check(ctx, synced.In(1))
		require.NoError(t, err)
		require.True(t, diff.Passed(), diff)
	})
}

func TestBadInput_LargeBody(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		ctx := context.Background()
		big := strings.Repeat("x", 20<<20)
		b.Server.Collection("rentals").Put(remotetest.Record{"id": 1, "name": big})
		rentals := harness.Model(t, b, harness.Rentals())
		require.Equal(t, harness.Counts{Created: 1}, harness.CountsOf(harness.Sync(t, rentals, synced.In(1))), "20 MB are within the default bound")

		small, err := rest.NewClient(rest.Config{BaseURL: b.Server.URL(), HTTP: b.Server.Client(), Auth: wire.Bearer(harness.Token), MaxBodyBytes: 1 << 20})
		require.NoError(t, err)
		_, err = rentals.Synchronize(ctx, synced.In(1), synced.Call{API: small})
		require.ErrorIs(t, err, remote.ErrTooLarge)
		require.Less(t, len(err.Error()), 300)
	})
}

func TestBadInput_TheDatabaseGoesAway(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		ctx := context.Background()
		b.Put("one", "two", "three", "four", "five", "six", "seven")
		d := harness.Incremental(strategy.UpdatedSince{Tolerance: -1})
		rentals := harness.Model(t, b, d)
		b.Server.OnRequest(func(r remotetest.Request) {
			if r.Page != 3 {
				return
			}
			require.Eventually(t, func() bool { return len(harness.Names(t, rentals, synced.In(1))) >= 3 }, harness.WaitLong, harness.WaitTick)
			if b.Pool != nil {
				b.Execute(t, "ALTER TABLE rentals RENAME TO gone")
			} else {
				require.NoError(t, b.File.DB().Close())
			}
		})
		result, err := rentals.Synchronize(ctx, synced.In(1))
		require.ErrorContains(t, err, "synced: rentals (account_id 1): page ")
		require.GreaterOrEqual(t, result.Created, 3)
		require.Zero(t, result.StoredTime)
	})
	t.Run("its connections are cut", func(t *testing.T) {
		t.Parallel()
		b := harness.Setup(t, "postgres")
		b.Put("one", "two", "three", "four", "five", "six", "seven")
		rentals := harness.Model(t, b, harness.Incremental(strategy.UpdatedSince{Tolerance: -1}))
		b.Server.OnRequest(func(r remotetest.Request) {
			if r.Page == 2 {
				_, _ = b.Pool.Exec(context.Background(), "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()")
			}
		})
		_, err := rentals.Synchronize(context.Background(), synced.In(1))
		if err != nil { // the pool may have noticed in time
			require.ErrorContains(t, err, "synced: rentals (account_id 1): ")
		}
		b.Server.OnRequest(nil)
		b.Pool.Reset() // or the next one may be given a connection that is cut
		harness.Sync(t, rentals, synced.In(1))
		require.Len(t, harness.Names(t, rentals, synced.In(1)), 7)
	})
}

// No run leaves a goroutine behind, however it ends.
func TestNoGoroutineIsLeft(t *testing.T) {
	b := harness.Setup(t, "sqlite")
	b.Put("one", "two", "three", "four", "five", "six", "seven")
	refuse := errors.New("refused")
	d := harness.Rentals()
	rentals := harness.Model(t, b, d)
	before := goleak.IgnoreCurrent()
	ends := []struct {
		name string
		end  func() error
	}{
		{"well", func() error { _, err := rentals.Synchronize(context.Background(), synced.In(1)); return err }},
		{"with a status", func() error {
			b.Server.Fault(remotetest.Fault{Times: -1, Page: 2, Status: 500})
			_, err := rentals.Synchronize(context.Background(), synced.In(1))
			return err
		}},
		{"with a bad record", func() error {
			b.Server.Fault(remotetest.Fault{Times: -1, Page: 1, Body: `{"rentals":[{}]}`})
			_, err := rentals.Synchronize(context.Background(), synced.In(1))
			return err
		}},
		{"with a bad record, atomic", func() error {
			b.Server.Fault(remotetest.Fault{Times: -1, Page: 2, Body: `{"rentals":[{}]}`})
			_, err := rentals.Synchronize(context.Background(), synced.In(1), synced.Call{Commit: synced.Atomic{}})
			return err
		}},
		{"with an API that stops at nothing", func() error {
			_, err := rentals.Synchronize(context.Background(), synced.In(1), synced.Call{API: remote.Func(endless)})
			return err
		}},
		{"in a check", func() error {
			b.Server.Fault(remotetest.Fault{Times: -1, Page: 2, Status: 500})
			_, err := rentals.Check(context.Background(), synced.In(1))
			return err
		}},
		{"canceled", func() error {
			ctx, cancel := context.WithCancelCause(context.Background())
			b.Server.OnRequest(func(remotetest.Request) { cancel(refuse) })
			defer b.Server.OnRequest(nil)
			_, err := rentals.Synchronize(ctx, synced.In(1))
			return err
		}},
	}
	for _, c := range ends {
		b.Server.ClearFaults()
		err := c.end()
		require.Equal(t, c.name == "well", err == nil, fmt.Sprint(c.name, ": ", err))
		var field *mapper.FieldError
		require.Equal(t, strings.HasPrefix(c.name, "with a bad record"), errors.As(err, &field), c.name)
	}
	b.Server.Client().CloseIdleConnections()
	b.Server.Close()
	goleak.VerifyNone(t, before, goleak.IgnoreAnyFunction("database/sql.(*DB).connectionOpener"))
}

// endless lists page after page, the same record on each, and fails on the
// hundredth.
func endless(ctx context.Context, _ remote.Request) iter.Seq2[*remote.Page, error] {
	return func(yield func(*remote.Page, error) bool) {
		o, err := remote.ParseObject([]byte(`{"id":1,"name":"one"}`))
		for n := 1; err == nil; n++ {
			if !yield(&remote.Page{Number: n, Objects: []remote.Object{o}}, nil) {
				return
			}
			if n == 100 {
				err = errors.New("enough")
			}
		}
		yield(nil, err)
	}
}
