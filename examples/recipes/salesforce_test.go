package recipes

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/wire"
)

var soql = regexp.MustCompile(`^SELECT Id, Name, IsDeleted, SystemModstamp FROM Account(?: WHERE SystemModstamp >= (\S+))?$`)

// salesforce runs one query, and gives a locator of its result that leads to the rest of it.
// queryAll lists deleted accounts too. Even ids have 15 letters, as in reports.
func salesforce(f *fake, w http.ResponseWriter, r *http.Request) {
	path := strings.TrimPrefix(r.URL.Path, "/services/data/v62.0/")
	var changed, from int
	if _, err := fmt.Sscanf(path, "query/01g%d-%d", &changed, &from); err != nil {
		found := soql.FindStringSubmatch(r.URL.Query().Get("q"))
		if path != "queryAll" || found == nil {
			salesforceError(w, http.StatusBadRequest, "MALFORMED_QUERY")
			return
		}
		if found[1] != "" {
			since, err := time.Parse(time.RFC3339, found[1])
			if err != nil {
				salesforceError(w, http.StatusBadRequest, "INVALID_QUERY_FILTER_OPERATOR")
				return
			}
			changed = int(since.Unix())
		}
	}
	var listed []entry
	for _, e := range f.entries {
		if e.at.Unix() >= int64(changed) {
			listed = append(listed, e)
		}
	}
	part, more := page(listed, from)
	body := object{"totalSize": len(listed), "done": !more, "records": shown(part, func(e entry) object {
		return object{
			"attributes": object{"type": "Account"}, "Id": fmt.Sprint("001D00000IRF", e.id, map[bool]string{true: "", false: "IQD"}[e.id%2 == 0]),
			"Name": e.name, "IsDeleted": e.deleted, "SystemModstamp": e.at.Format("2006-01-02T15:04:05.000+0000"),
		}
	})}
	if more {
		body["nextRecordsUrl"] = fmt.Sprintf("/services/data/v62.0/query/01g%d-%d", changed, from+len(part))
	}
	answer(w, body)
}

func salesforceError(w http.ResponseWriter, status int, code string) {
	w.WriteHeader(status)
	answer(w, []object{{"message": "no", "errorCode": code}})
}

func TestSalesforce(t *testing.T) {
	against(t, api{
		credentials: "Bearer secret",
		known:       known("q", "fields"),
		serve:       salesforce,
		limited:     func(w http.ResponseWriter) { salesforceError(w, http.StatusForbidden, "REQUEST_LIMIT_EXCEEDED") },
	}, func(t *testing.T, f *fake) {
		model := follow(t, f, must(Salesforce(f.url+"/services/data/v62.0", wire.Bearer("secret")))(t))
		row, err := model.Find(t.Context(), synced.NoScope, "001D00000IRF104IQD")
		require.NoError(t, err)
		require.Equal(t, time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC), row.ModifiedAt.UTC())
	})
}

func TestSalesforceID(t *testing.T) {
	t.Parallel()
	for id, want := range map[string]string{"001D000000IRFma": "001D000000IRFmaIAH", "001D000000IRFmaIAH": "001D000000IRFmaIAH", "00Aa0000000zzZZ": "00Aa0000000zzZZEAY", "short": ""} {
		o, err := remote.ObjectOf(map[string]any{"Id": id})
		require.NoError(t, err)
		got, err := SalesforceID(o)
		require.Equal(t, want == "", err != nil)
		require.Equal(t, want, got)
	}
}
