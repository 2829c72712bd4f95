package mapping_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/strategy"
)

// Guest stays in a booking.
type Guest struct {
	SyncedID  int64       `json:"id" db:"synced_id"`
	BookingID int64       `json:"-" db:"stay_id" synced:"parent"`
	Phone     string      `json:"phone" db:"phone"`
	Data      synced.Data `db:"synced_data"`
}

// Stay is a booking, with what identifies its guest.
type Stay struct {
	ID       int64       `db:"id"`
	SyncedID int64       `json:"id" db:"synced_id"`
	HostID   *int64      `db:"host_id" synced:"parent"`
	Name     string      `json:"name" db:"name" validate:"ne=bad"`
	SSN      string      `json:"ssn" db:"ssn"`
	Data     synced.Data `db:"synced_data"`
}

// Host is fetched when a stay names it.
type Host struct {
	ID       int64       `db:"id"`
	SyncedID int64       `json:"id" db:"synced_id"`
	Data     synced.Data `db:"synced_data"`
}

// stay is a record with secrets in each place where one may be.
func stay(id int, name string, n int) remotetest.Record {
	return remotetest.Record{"id": id, "name": name, "ssn": fmt.Sprint("secret", n), "email": fmt.Sprint("secret", n), "host": 1,
		"notes":  harness.Nested{"by": []any{harness.Nested{"text": fmt.Sprint("secret", n), "at": 1}}},
		"guests": []any{harness.Nested{"id": 10*id + 1, "phone": fmt.Sprint("secret", n)}}}
}

func stays(t *testing.T, b *harness.Bundle, log *bytes.Buffer) *synced.Model[Stay] {
	t.Helper()
	logger := slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	guests := harness.Model(t, b, synced.Synced[Guest]{Table: "guests", Outbox: true, Redact: []synced.Redaction{synced.Mask("phone")}})
	hosts := harness.Model(t, b, synced.Synced[Host]{Table: "hosts", Redact: []synced.Redaction{synced.Drop("email")}})
	return harness.Model(t, b, synced.Synced[Stay]{Table: "stays", Strategy: strategy.Full{}, Remove: synced.Destroy{}, Outbox: true, Log: logger, Volatile: []string{"updated_at"},
		Invalid:      synced.Quarantine{Limit: 1},
		Associations: []synced.Association{synced.HasMany(guests, "guests", "stay_id")},
		BelongsTo:    []synced.Parent{synced.BelongsTo(hosts, "host", "host_id", synced.MissingFetch)},
		Redact:       []synced.Redaction{synced.Drop("email"), synced.Mask("notes.by.*.text"), synced.Hash([]byte("0123456789abcdef"), "ssn")}})
}

// kept is all that the database keeps as text.
func kept(t *testing.T, b *harness.Bundle) string {
	t.Helper()
	var all []string
	for _, sql := range []string{
		"SELECT concat(name, ssn, CAST(synced_data AS text)) FROM stays",
		"SELECT concat(phone, CAST(synced_data AS text)) FROM guests",
		"SELECT CAST(synced_data AS text) FROM hosts",
		"SELECT concat(object, error) FROM synced_quarantine",
		"SELECT concat(old_row, new_row) FROM synced_changes",
	} {
		all = append(all, b.Column(t, sql)...)
	}
	return strings.Join(all, "\n")
}

func TestContract_C205_RedactedBeforeAnythingElse(t *testing.T) {
	for _, commit := range []synced.Commit{synced.PerPage{}, synced.Atomic{}} {
		t.Run(fmt.Sprintf("%T", commit), func(t *testing.T) {
			harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
				ctx, log := context.Background(), &bytes.Buffer{}
				b.Server.Collection("hosts").Put(remotetest.Record{"id": 1, "email": "secret"})
				for id := 1; id <= 4; id++ { // two pages
					b.Server.Collection("stays").Put(stay(id, "good", 1))
				}
				b.Server.Collection("stays").Put(stay(5, "bad", 1))
				b.Server.Advance(time.Hour)
				m := stays(t, b, log)
				call := synced.Call{Commit: commit}
				require.Equal(t, synced.Counts{Created: 4, Quarantined: 1}, harness.Sync(t, m, synced.NoScope, call).Counts)
				require.Equal(t, `{"by":[{"at":1,"text":"***"}]}`, strings.ReplaceAll(b.Column(t, "SELECT CAST(synced_data -> 'notes' AS text) FROM stays")[0], " ", ""))
				require.Len(t, b.Column(t, "SELECT DISTINCT ssn FROM stays")[0], 64)
				require.Equal(t, []string{"***"}, b.Column(t, "SELECT DISTINCT phone FROM guests"))

				// What is dropped or masked alone changes nothing; a hash tells that its value changed.
				for id := 1; id <= 4; id++ {
					r := stay(id, "good", 2)
					r["ssn"] = "secret1"
					b.Server.Collection("stays").Put(r)
				}
				result := harness.Sync(t, m, synced.NoScope, call)
				require.Equal(t, synced.Counts{Unchanged: 4, Quarantined: 1}, result.Counts)
				require.Equal(t, synced.Counts{Unchanged: 4}, result.Children["guests"])
				b.Server.Collection("stays").Put(stay(1, "good", 2))
				require.Equal(t, 1, harness.Sync(t, m, synced.NoScope, call).Updated)

				// So it is with one record, the caller's, a check and what it applies.
				b.Server.Collection("stays").Put(stay(2, "other", 3))
				_, err := m.SyncOne(ctx, synced.NoScope, 2)
				require.NoError(t, err)
				o, err := remote.ObjectOf(stay(3, "given", 4))
				require.NoError(t, err)
				_, err = m.Synchronize(ctx, synced.NoScope, synced.Call{Records: []remote.Object{o}, Remove: synced.KeepRows{}, Commit: commit})
				require.NoError(t, err)
				require.Equal(t, []string{"good", "other", "given", "good"}, b.Column(t, "SELECT name FROM stays ORDER BY synced_id"))
				b.Server.Collection("stays").Put(stay(4, "checked", 5))
				diff, err := m.Check(ctx, synced.NoScope)
				require.NoError(t, err)
				require.NotContains(t, diff.String(), "secret")
				_, err = m.Apply(ctx, synced.NoScope, diff)
				require.NoError(t, err)
				require.Equal(t, []string{"good", "other", "good", "checked"}, b.Column(t, "SELECT name FROM stays ORDER BY synced_id"))
				require.NotContains(t, kept(t, b), "secret")

				// An answer that can't be read is not quoted.
				b.Server.Script(remotetest.Fault{Body: `{"stays":[{"id":1,"email":"secret"`})
				_, err = m.Synchronize(ctx, synced.NoScope, call)
				require.Error(t, err)
				require.NotContains(t, err.Error(), "secret")
				// Nor is one that refuses, where it names what is taken out.
				b.Server.Script(remotetest.Fault{Status: 422, Body: `{"errors":{"email":["secret is no address"]}}`},
					remotetest.Fault{Status: 422, Body: `{"errors":["the page is unknown"]}`})
				_, err = m.Synchronize(ctx, synced.NoScope, call)
				require.ErrorContains(t, err, "422 Unprocessable Entity: [not quoted: it may have what Redact takes out]")
				require.NotContains(t, err.Error(), "secret")
				_, err = m.Synchronize(ctx, synced.NoScope, call)
				require.ErrorContains(t, err, "the page is unknown")
				require.NotContains(t, log.String(), "secret")
				require.NotContains(t, strings.Join(b.Column(t, "SELECT error FROM synced_runs"), ""), "secret")
			})
		})
	}
}

func TestContract_C205_Mistakes(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		guests := harness.Model(t, b, synced.Synced[Guest]{Table: "guests"})
		hosts := harness.Model(t, b, synced.Synced[Host]{Table: "hosts"})
		d := synced.Synced[Stay]{Table: "stays", API: b.API,
			Associations: []synced.Association{synced.HasMany(guests, "guests", "stay_id")},
			BelongsTo:    []synced.Parent{synced.BelongsTo(hosts, "host", "host_id", synced.MissingNull)}}
		require.NoError(t, d.CreateTable(context.Background(), b.DB))
		key := []byte("0123456789abcdef")
		for want, r := range map[string]synced.Redaction{
			`redact: "id": it is the remote id`:                            synced.Mask("id"),
			`redact: "*": it is the remote id`:                             synced.Hash(key, "*"),
			`redact: "name": it is dropped, and a field reads it`:          synced.Drop("email", "name"),
			`redact: "host": it is the id of a parent`:                     synced.Hash(key, "host"),
			`redact: "guests": it is dropped, and guests are read from it`: synced.Drop("guests"),
			`redact: "guests.*.id": it is the remote id of guests`:         synced.Mask("guests.*.id"),
			`redact: the key has 3 bytes: give 16 or more random ones`:     synced.Hash([]byte("key"), "email"),
			`redact: a redaction names no attribute`:                       synced.Drop(),
			`redact: an attribute has no name: write one`:                  synced.Drop(""),
		} {
			d.Redact = []synced.Redaction{r}
			_, err := synced.New(context.Background(), b.DB, d)
			require.ErrorContains(t, err, want)
			require.NotContains(t, err.Error(), string(key))
		}
		type made struct {
			SyncedID string `db:"synced_id"`
		}
		_, err := synced.New(context.Background(), b.DB, synced.Synced[made]{Table: "made", API: b.API, ID: []string{"group.id", "email"}, Redact: []synced.Redaction{synced.Mask("group")}})
		require.ErrorContains(t, err, `redact: "group": it is the remote id`)
	})
}
