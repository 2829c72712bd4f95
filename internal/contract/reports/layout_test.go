package reports_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/remote/rest"
	"github.com/syncedgo/synced/strategy"
)

// timed binds rows with a time to records {"id":1,"at":…} that change at a moment, and checks
// that the column and the stored time have it, and that it is asked for as the API
// writes it, less the tolerance of five seconds.
func timed[T any](t *testing.T, b *harness.Bundle, name string, since rest.Since, at time.Time, written string, asked string) {
	t.Helper()
	b.Execute(t, "DROP TABLE IF EXISTS times")
	b.Execute(t, "DELETE FROM synced_times")
	var parameters []string
	api := served(t, rest.Config{RecordsKey: rest.Root, Pagination: rest.OnePage{}, Since: since}, func(r *http.Request) answer {
		parameters = append(parameters, r.URL.Query().Get("updated_since"))
		return answer{body: fmt.Sprintf(`[{"id":1,"at":%s}]`, written), header: date(at.Add(time.Hour))}
	})
	d := synced.Synced[T]{
		Table: "times", Endpoint: "times", API: api,
		Strategy: strategy.UpdatedSince{Fallbacks: []strategy.TimeSource{strategy.LargestValue{Attribute: "at"}}},
	}
	m := harness.Model(t, b, d)
	result := harness.Sync(t, m, synced.NoScope)
	require.Equal(t, 1, result.Created, name)
	require.Equal(t, at, result.StoredTime.UTC(), name)
	result = harness.Sync(t, m, synced.NoScope)
	require.Equal(t, 1, result.Unchanged, name)
	require.Equal(t, []string{"", asked}, parameters, name)
	sql := "SELECT to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS') FROM times"
	if b.Pool == nil {
		sql = "SELECT strftime('%Y-%m-%d %H:%M:%S', at) FROM times"
	}
	require.Equal(t, []string{at.Format(time.DateTime)}, b.Column(t, sql), name)
}

func TestReport_R59_TimesAsRemotesWriteThem(t *testing.T) {
	type offset struct {
		SyncedID int64     `json:"id" db:"synced_id"`
		At       time.Time `json:"at" db:"at" time:"2006-01-02T15:04:05.000-0700"`
	}
	type unix struct {
		SyncedID int64     `json:"id" db:"synced_id"`
		At       time.Time `json:"at" db:"at" time:"unix"`
	}
	type zoneless struct {
		SyncedID int64     `json:"id" db:"synced_id"`
		At       time.Time `json:"at" db:"at" time:"2006-01-02T15:04:05" zone:"Europe/Berlin"`
	}
	berlin, err := time.LoadLocation("Europe/Berlin")
	require.NoError(t, err)
	at := time.Date(2026, 7, 2, 3, 4, 5, 0, time.UTC)
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		timed[offset](t, b, "Salesforce", rest.Since{}, at, `"2026-07-02T03:04:05.000+0000"`, "2026-07-02T03:04:00Z")
		timed[offset](t, b, "Jira", rest.Since{Format: "2006-01-02T15:04:05.000-0700", Zone: berlin}, at, `"2026-07-02T05:04:05.000+0200"`, "2026-07-02T05:04:00.000+0200")
		timed[unix](t, b, "Stripe", rest.Since{Format: rest.Unix}, at, "1782961445", "1782961440")
		timed[zoneless](t, b, "Zoho", rest.Since{Format: "2006-01-02T15:04:05", Zone: berlin}, at, `"2026-07-02T05:04:05"`, "2026-07-02T05:04:00")
	})
}
