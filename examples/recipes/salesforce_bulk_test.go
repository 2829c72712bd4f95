package recipes

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
)

func contactID(id int) string { return fmt.Sprintf("001gL%013d", id) }

// salesforceBulk answers as the Bulk API 2.0 does.
func salesforceBulk(f *fake, w http.ResponseWriter, r *http.Request) {
	id, results := strings.CutSuffix(strings.TrimPrefix(r.URL.Path, "/jobs/query/"), "/results")
	job := f.job(id)
	switch {
	case r.URL.Path == "/jobs/query" && r.Method == http.MethodPost:
		salesforceJob(f, w, r)
	case strings.HasPrefix(r.URL.Path, "/sobjects/Contact/"):
		for _, e := range f.entries {
			if contactID(e.id) == strings.TrimPrefix(r.URL.Path, "/sobjects/Contact/") && !e.deleted {
				answer(w, object{"Id": contactID(e.id), "Name": e.name, "IsDeleted": false})
				return
			}
		}
		salesforceError(w, http.StatusNotFound, "ENTITY_IS_DELETED")
	case job == nil:
		salesforceError(w, http.StatusNotFound, "NOT_FOUND")
	case results && job.state != "JobComplete":
		salesforceError(w, http.StatusBadRequest, "INVALIDJOBSTATE")
	case results:
		salesforceResults(job, w, r)
	case r.Method == http.MethodDelete && job.state == "InProgress":
		salesforceError(w, http.StatusBadRequest, "INVALIDJOBSTATE")
	case r.Method == http.MethodDelete:
		f.jobs[slices.Index(f.jobs, job)] = nil
		w.WriteHeader(http.StatusNoContent)
	case r.Method == http.MethodPatch:
		job.state = "Aborted"
		answer(w, object{"id": id, "state": job.state})
	default:
		body := object{"id": id, "state": job.state, "createdDate": job.at.Format("2006-01-02T15:04:05.000-0700")}
		if job.state == "JobComplete" {
			body["numberRecordsProcessed"] = len(job.found)
		} else {
			job.state = "JobComplete"
		}
		w.Header().Set("Retry-After", "0.01") // so that the test need not wait
		answer(w, body)
	}
}

// salesforceJob takes the records as they are, deleted ones as well.
func salesforceJob(f *fake, w http.ResponseWriter, r *http.Request) {
	var body struct{ Operation, Query string }
	_ = json.NewDecoder(r.Body).Decode(&body)
	query, where, filtered := strings.Cut(body.Query, " WHERE SystemModstamp >= ")
	var after time.Time
	var err error
	if filtered {
		after, err = time.Parse(time.RFC3339, where)
	}
	if query != "SELECT Id, Name, IsDeleted FROM Contact" || body.Operation != "queryAll" || err != nil {
		salesforceError(w, http.StatusBadRequest, "MALFORMED_QUERY")
		return
	}
	found := slices.DeleteFunc(slices.Clone(f.entries), func(e entry) bool { return e.at.Before(after) })
	id := fmt.Sprintf("750gL%013d", f.start("InProgress", found))
	w.Header().Set("Retry-After", "0.01")
	answer(w, object{"id": id, "operation": "queryAll", "object": "Contact", "state": "UploadComplete", "createdDate": f.now.Format("2006-01-02T15:04:05.000-0700")})
}

// salesforceResults shows a part of them, with a header line of its own.
func salesforceResults(j *job, w http.ResponseWriter, r *http.Request) {
	most := min(number(r, "maxRecords", pageSize), pageSize)
	from := 0
	if locator := r.URL.Query().Get("locator"); locator != "" {
		var err error
		if from, err = strconv.Atoi(strings.TrimPrefix(locator, "MT")); err != nil {
			salesforceError(w, http.StatusBadRequest, "INVALIDLOCATOR")
			return
		}
	}
	to := min(from+most, len(j.found))
	locator := "null"
	if to < len(j.found) {
		locator = fmt.Sprint("MT", to)
	}
	w.Header().Set("Sforce-Locator", locator)
	w.Header().Set("Sforce-NumberOfRecords", strconv.Itoa(to-from))
	w.Header().Set("Content-Type", "text/csv")
	out := csv.NewWriter(w)
	_ = out.Write([]string{"Id", "Name", "IsDeleted"})
	for _, e := range j.found[from:to] {
		_ = out.Write([]string{contactID(e.id), e.name, strconv.FormatBool(e.deleted)})
	}
	out.Flush()
}

func TestSalesforceBulk(t *testing.T) {
	a := api{credentials: "Bearer secret", known: known("locator", "maxRecords"), serve: salesforceBulk, limited: func(w http.ResponseWriter) {
		w.Header().Set("Retry-After", "1")
		salesforceError(w, http.StatusForbidden, "REQUEST_LIMIT_EXCEEDED")
	}}
	against(t, a, func(t *testing.T, f *fake) {
		model := follow(t, f, must(SalesforceBulk(f.url, "secret"))(t))
		require.Len(t, f.jobs, 5)
		for _, j := range f.jobs {
			require.Nil(t, j, "it was deleted")
		}
		_, err := model.SyncOne(t.Context(), synced.NoScope, contactID(101))
		require.NoError(t, err)
		// A run that was canceled leaves no job.
		ctx, cancel := context.WithCancel(t.Context())
		f.serve = func(f *fake, w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodGet {
				cancel()
			}
			salesforceBulk(f, w, r)
		}
		_, err = model.Synchronize(ctx, synced.NoScope)
		require.ErrorIs(t, err, context.Canceled)
		f.mu.Lock()
		defer f.mu.Unlock()
		require.Len(t, f.jobs, 6)
		require.Nil(t, f.jobs[5], "it was aborted, and deleted")
	})
}
