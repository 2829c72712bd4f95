package reports_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/remote/rest"
	"github.com/syncedgo/synced/remote/wire"
	"github.com/syncedgo/synced/strategy"
)

// answer is what a server says.
type answer struct {
	status int // 200 where it is zero
	body   string
	header map[string]string
}

// missing is the answer for what a server does not know.
var missing = answer{status: http.StatusNotFound, body: `{"error":"not found"}`}

// served returns a client of a server that answers as a function says.
func served(t *testing.T, config rest.Config, say func(r *http.Request) answer) *rest.Client {
	t.Helper()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a := say(r)
		for name, value := range a.header {
			w.Header().Set(name, value)
		}
		if a.status == 0 {
			a.status = http.StatusOK
		}
		w.WriteHeader(a.status)
		_, _ = w.Write([]byte(a.body))
	}))
	t.Cleanup(srv.Close)
	config.BaseURL, config.HTTP = srv.URL, srv.Client()
	if config.Retry == (wire.Retry{}) {
		config.Retry = wire.Retry{Max: -1}
	}
	c, err := rest.NewClient(config)
	require.NoError(t, err)
	return c
}

// thing is what the servers list.
type thing struct {
	SyncedID int64   `json:"id" db:"synced_id"`
	Name     *string `json:"name" db:"name"`
}

// things declares things that a complete run removes where they are gone.
func things() synced.Synced[thing] {
	return synced.Synced[thing]{Table: "things", Endpoint: "things", Strategy: strategy.Full{}, Remove: synced.Destroy{}}
}

// since declares things that are asked for by what changed, with the time of each
// answer's Date.
func since() synced.Synced[thing] {
	d := things()
	d.Strategy = strategy.UpdatedSince{Fallbacks: []strategy.TimeSource{strategy.ResponseDate{}}}
	d.Remove = synced.KeepRows{}
	return d
}

// here binds things whose table has the records of some ids.
func here(t *testing.T, b *harness.Bundle, d synced.Synced[thing], ids ...int) *synced.Model[thing] {
	t.Helper()
	m := harness.Model(t, b, d)
	if len(ids) > 0 {
		texts := make([]string, len(ids))
		for i, id := range ids {
			texts[i] = record(id)
		}
		harness.Sync(t, m, synced.NoScope, synced.Call{Records: harness.Parsed(t, texts...), Remove: synced.KeepRows{}})
	}
	return m
}

// record is the JSON of a record, and list that of a list.
func record(id int) string { return fmt.Sprintf(`{"id":%d,"name":"r%d"}`, id, id) }

func list(ids ...int) string {
	texts := make([]string, len(ids))
	for i, id := range ids {
		texts[i] = record(id)
	}
	return "[" + strings.Join(texts, ",") + "]"
}

// upTo returns the numbers from one to another.
func upTo(from, to int) []int {
	var ids []int
	for id := from; id <= to; id++ {
		ids = append(ids, id)
	}
	return ids
}

// cut returns the part of a list that a limit and an offset ask for.
func cut(ids []int, offset, limit int) []int {
	offset = min(offset, len(ids))
	return ids[offset:min(offset+limit, len(ids))]
}

// number is the value of a parameter, or of the last part of a path.
func number(text string, otherwise int) int {
	if n, err := strconv.Atoi(text[strings.LastIndex(text, "/")+1:]); err == nil {
		return n
	}
	return otherwise
}

// idsOf lists the remote ids of the rows.
func idsOf(t *testing.T, m *synced.Model[thing]) []int {
	t.Helper()
	ids := []int{}
	for _, row := range harness.All(t, m) {
		ids = append(ids, int(row.SyncedID))
	}
	return ids
}

// date is when a server answers, by its own clock.
func date(at time.Time) map[string]string {
	return map[string]string{"Date": at.UTC().Format(http.TimeFormat)}
}

var ctx = context.Background()

// fresh makes the database of a bundle serve another case.
func fresh(t *testing.T, b *harness.Bundle) {
	t.Helper()
	for _, table := range []string{"things", "texts"} {
		b.Execute(t, "DROP TABLE IF EXISTS "+table)
	}
	for _, table := range []string{"synced_times", "synced_refusals", "synced_quarantine", "synced_runs", "synced_passes"} {
		b.Execute(t, "DELETE FROM "+table)
	}
}
