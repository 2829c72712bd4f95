package told_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/observe"
	"github.com/syncedgo/synced/remote/rest"
	"github.com/syncedgo/synced/remote/wire"
	"github.com/syncedgo/synced/strategy"
)

// Item has ids and values that are any text.
type Item struct {
	ID        int64  `db:"id"`
	SyncedID  string `json:"id" db:"synced_id"`
	AccountID int64  `db:"account_id"`
	Name      string `json:"name" db:"name"`
	Rank      *int   `json:"rank" db:"rank"`
}

func items(t *testing.T, log *bytes.Buffer, config rest.Config, answer http.HandlerFunc) synced.Synced[Item] {
	t.Helper()
	server := httptest.NewServer(answer)
	t.Cleanup(server.Close)
	config.BaseURL, config.HTTP, config.Retry = server.URL, server.Client(), wire.Retry{Max: -1}
	api, err := rest.NewClient(config)
	require.NoError(t, err)
	return synced.Synced[Item]{Table: "items", Scope: "account_id", Strategy: strategy.Full{}, API: api, Remove: synced.Destroy{}, Log: slog.New(&plain{to: log}),
		Observer: &observed{to: log}}
}

// observed writes events to a log as they are. Each test has one client, whose requests
// follow one another.
type observed struct {
	mu sync.Mutex
	to *bytes.Buffer
}

func (o *observed) Observe(ctx context.Context, e observe.Event) context.Context {
	o.mu.Lock()
	defer o.mu.Unlock()
	text := fmt.Sprintf("%T %+v", e, e)
	if e, ok := e.(observe.RunEnded); ok {
		text = fmt.Sprint(e.Result, e.Err)
	}
	fmt.Fprintln(o.to, text)
	return ctx
}

// plain is a log that writes what it is given as it is.
type plain struct{ to *bytes.Buffer }

func (p *plain) Enabled(context.Context, slog.Level) bool { return true }
func (p *plain) WithAttrs([]slog.Attr) slog.Handler       { return p }
func (p *plain) WithGroup(string) slog.Handler            { return p }
func (p *plain) Handle(_ context.Context, r slog.Record) error {
	fmt.Fprint(p.to, r.Message)
	r.Attrs(func(a slog.Attr) bool { fmt.Fprintf(p.to, " %s=%v", a.Key, a.Value.Any()); return true })
	p.to.WriteString("\n")
	return nil
}

// list answers with a list of items.
func list(w http.ResponseWriter, items ...map[string]any) {
	w.Header().Set("Content-Type", "application/json")
	if items == nil {
		items = []map[string]any{}
	}
	body, _ := json.Marshal(map[string]any{"items": items})
	_, _ = w.Write(body)
}

// neutral requires that a text does nothing but show.
func neutral(t *testing.T, text string) {
	t.Helper()
	require.True(t, utf8.ValidString(text), "%q", text)
	for _, r := range text {
		require.True(t, unicode.IsPrint(r), "%q has %q", text, r)
	}
}

// own lists all that tables of ours tell a person.
func own(t *testing.T, b *harness.Bundle) []string {
	t.Helper()
	told := b.Column(t, "SELECT error FROM synced_runs")
	told = append(told, b.Column(t, "SELECT error FROM synced_quarantine")...)
	return append(told, b.Column(t, "SELECT reason FROM synced_refusals")...)
}

func TestContract_C104_RemoteTextIsNeutral(t *testing.T) {
	const evil = "e\x1b[31m\u202e\u2066v\nsynced: all is well\r\u009b\u2028\u200b\x7f\u00ad"
	ctx := context.Background()
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		var log bytes.Buffer
		listed := []map[string]any{}
		status, body := 200, ""
		d := items(t, &log, rest.Config{}, func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != "/items" && status == 200 || status != 200 {
				w.Header()["X-Request-Id"] = []string{"r\u202e\u0085q"}
				w.WriteHeader(max(status, 404))
				_, _ = w.Write([]byte(body))
				return
			}
			list(w, listed...)
		})
		rentals := harness.Model(t, b, d)
		check := func(text string, lines int) {
			t.Helper()
			require.Contains(t, text, `1b[31m`)
			got := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
			require.Len(t, got, lines, text)
			for _, line := range got {
				neutral(t, line)
			}
			for _, line := range append(own(t, b), strings.Split(log.String(), "\n")...) {
				neutral(t, line)
			}
			for q, err := range rentals.Quarantined(ctx, synced.In(1)) {
				require.NoError(t, err)
				neutral(t, q.Error)
			}
		}
		run := func(invalid bool) error {
			d.Invalid = nil
			if invalid {
				d.Invalid = synced.Quarantine{}
			}
			rentals = harness.Bind(t, b, d)
			_, err := rentals.Synchronize(ctx, synced.In(1))
			return err
		}

		listed = []map[string]any{{"id": evil, "name": "x", "rank": evil}}
		check(run(false).Error(), 1)
		listed = []map[string]any{{"id": "1", "name": "x", "rank": []any{map[string]any{evil: evil}}}}
		check(run(false).Error(), 1)
		require.NoError(t, run(true))
		require.Contains(t, own(t, b)[1], `1b[31m`)
		diff, err := rentals.Check(ctx, synced.In(1))
		require.NoError(t, err)
		check(diff.String(), 2)

		listed = []map[string]any{{"id": evil, "name": evil}}
		require.NoError(t, run(true))
		require.Equal(t, []string{evil}, b.Column(t, "SELECT name FROM items"), "data stays as it is")
		listed = []map[string]any{{"id": evil, "name": "x"}, {"id": "2" + evil, "name": evil}}
		diff, err = rentals.Check(ctx, synced.In(1))
		require.NoError(t, err)
		check(diff.String(), 4)
		require.Equal(t, "2"+evil, diff.Missing[0].ID)
		kept, err := json.Marshal(diff)
		require.NoError(t, err)
		var read synced.Diff
		require.NoError(t, json.Unmarshal(kept, &read))
		require.Equal(t, "2"+evil, read.Missing[0].ID, "so it does as JSON")

		listed = nil
		require.NoError(t, run(false))
		require.NotEmpty(t, own(t, b))
		diff, err = rentals.Check(ctx, synced.In(1))
		require.NoError(t, err)
		check(diff.String(), 4)

		status, body = 500, "<p>"+evil+"\x00\xff</p>"
		check(run(false).Error(), 1)
		_, err = rentals.SyncOne(ctx, synced.In(1), evil)
		check(err.Error(), 1)
		status, body = 404, "gone "+evil
		result, err := rentals.SyncOne(ctx, synced.In(1), evil)
		require.NoError(t, err)
		neutral(t, result.String())
	})
}
