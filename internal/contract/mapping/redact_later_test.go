package mapping_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/strategy"
)

// Caller is a person whose list shows less than the person's own address.
type Caller struct {
	SyncedID int64       `json:"id" db:"synced_id"`
	Phone    string      `json:"phone" db:"phone" validate:"ne=secret bad"`
	Data     synced.Data `db:"synced_data"`
}

func callers(change func(*synced.Synced[Caller])) synced.Synced[Caller] {
	d := synced.Synced[Caller]{Table: "callers", Strategy: strategy.Full{}, Invalid: synced.Quarantine{Limit: 1}}
	change(&d)
	return d
}

// What is redacted from some day on leaves the rows, however their records are listed, and
// whatever reads what is stored.
func TestContract_C272_RedactedLater(t *testing.T) {
	hides := []synced.Redaction{synced.Drop("email"), synced.Mask("phone"), synced.Hash([]byte("0123456789abcdef"), "ssn")}
	volatile := func(d *synced.Synced[Caller]) { d.Volatile = []string{"email", "ssn"} }
	for name, change := range map[string]func(*synced.Synced[Caller]){
		"a full run":                 func(*synced.Synced[Caller]) {},
		"where lists show summaries": func(d *synced.Synced[Caller]) { d.Expand = 2 },
		"what is volatile":           volatile,
		"a remap":                    func(*synced.Synced[Caller]) {},
		"a remap of volatile":        volatile,
	} {
		t.Run(name, func(t *testing.T) {
			harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
				style := remotetest.Style{}
				if name == "where lists show summaries" {
					style.Summary = []string{"rev"}
				}
				srv := remotetest.New(remotetest.Config{Token: harness.Token, Style: style})
				t.Cleanup(srv.Close)
				b.API = harness.Client(t, srv, harness.Token)
				srv.Collection("callers").Put(remotetest.Record{"id": 1, "rev": 1, "phone": "secret", "email": "secret", "ssn": "secret"})
				srv.Collection("callers").Put(remotetest.Record{"id": 2, "rev": 1, "phone": "secret bad", "email": "secret", "ssn": "secret"})
				harness.Sync(t, harness.Model(t, b, callers(change)), synced.NoScope)
				kept := func() []string {
					return append(b.Column(t, "SELECT concat(phone, CAST(synced_data AS text)) FROM callers ORDER BY synced_id"), b.Column(t, "SELECT CAST(object AS text) FROM synced_quarantine")...)
				}
				require.Contains(t, kept()[0], "secret")

				m := harness.Bind(t, b, callers(func(d *synced.Synced[Caller]) { change(d); d.Redact = hides }))
				needs, err := m.NeedsRemap(t.Context())
				require.NoError(t, err)
				require.True(t, needs)
				if name == "a remap" || name == "a remap of volatile" {
					_, err := m.Remap(t.Context(), synced.NoScope)
					require.NoError(t, err)
				} else {
					harness.Sync(t, m, synced.NoScope)
				}
				require.NotContains(t, kept()[0], "secret")
				require.Contains(t, kept()[0], "***")
				harness.Sync(t, m, synced.NoScope)
				require.Len(t, kept(), 2, "the quarantined record is one no more")
				for _, text := range kept() {
					require.NotContains(t, text, "secret")
				}
				require.Equal(t, 0, harness.Sync(t, m, synced.NoScope).Updated)
				diff, err := m.Check(t.Context(), synced.NoScope)
				require.NoError(t, err)
				require.Empty(t, diff.Changed)
			})
		})
	}
}

// A record that waits in quarantine since before, and is listed no more, is redacted when it
// is mapped again.
func TestContract_C272_QuarantinedBefore(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		srv := remotetest.New(remotetest.Config{Token: harness.Token})
		t.Cleanup(srv.Close)
		b.API = harness.Client(t, srv, harness.Token)
		srv.Collection("callers").Put(remotetest.Record{"id": 2, "phone": "secret bad", "email": "secret"})
		incremental := func(d *synced.Synced[Caller]) { d.Strategy = strategy.UpdatedSince{} }
		harness.Sync(t, harness.Model(t, b, callers(incremental)), synced.NoScope)
		require.Len(t, b.Column(t, "SELECT object FROM synced_quarantine"), 1)
		srv.Advance(1e12)

		m := harness.Bind(t, b, callers(func(d *synced.Synced[Caller]) {
			incremental(d)
			d.Redact = []synced.Redaction{synced.Drop("email"), synced.Mask("phone")}
		}))
		harness.Sync(t, m, synced.NoScope)
		require.Empty(t, b.Column(t, "SELECT object FROM synced_quarantine"))
		kept := b.Column(t, "SELECT concat(phone, CAST(synced_data AS text)) FROM callers")
		require.Len(t, kept, 1)
		require.NotContains(t, kept[0], "secret")
	})
}
