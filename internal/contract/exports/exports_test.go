package exports_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/remote/rest"
	"github.com/syncedgo/synced/remote/wire"
	"github.com/syncedgo/synced/strategy"
)

// format is a way in which files are written.
type format struct {
	name string
	fake remotetest.Style
	body rest.Body
}

var formats = []format{
	{"lines", remotetest.Style{Format: remotetest.AsNDJSON}, rest.NDJSON{}},
	{"gzip", remotetest.Style{Format: remotetest.AsNDJSON, GzipFile: true}, rest.NDJSON{}},
	{"csv", remotetest.Style{Format: remotetest.AsCSV}, rest.CSV{Numbers: []string{"id"}}},
	{"array", remotetest.Style{GzipFile: true}, rest.JSONArray{}},
}

// export is how the fake's jobs are asked.
func export() *rest.Export {
	return &rest.Export{
		Job:  "id",
		Poll: rest.Step{Path: "exports/%s"}, State: "state", Done: []string{"done"}, Failed: []string{"failed"}, Reason: "error",
		Files: "files.url", MaxTime: time.Minute,
		Delete: rest.Step{Method: http.MethodDelete, Path: "exports/%s"},
	}
}

// serve makes the bundle's API one of exports in three files.
func serve(t *testing.T, b *harness.Bundle, style remotetest.Style) {
	t.Helper()
	b.Server = remotetest.New(remotetest.Config{Token: harness.Token, Style: style, Export: &remotetest.Export{Polls: 2, Files: 3}})
	t.Cleanup(b.Server.Close)
}

// exported declares rentals of that API.
func exported(t *testing.T, b *harness.Bundle, body rest.Body, change ...func(*rest.Config)) synced.Synced[harness.Rental] {
	t.Helper()
	config := rest.Config{
		BaseURL: b.Server.URL(), Auth: wire.Bearer(harness.Token), Clock: b.Server.Clock(), Breaker: wire.Breaker{Failures: -1},
		SyncedAtHeader: rest.None, TotalPath: "total", Body: body, Export: export(),
	}
	config.Export.Hosts = []string{b.Server.Files()}
	for _, f := range change {
		f(&config)
	}
	api, err := rest.NewClient(config)
	require.NoError(t, err)
	d := harness.Stripped(api)
	d.Strategy = since
	d.Tombstone = func(remote.Object) bool { return false }
	return d
}

var since = strategy.UpdatedSince{Fallbacks: []strategy.TimeSource{strategy.ResponseDate{}}}

// lines serves NDJSON, and declares rentals of that.
func lines(t *testing.T, b *harness.Bundle, change ...func(*rest.Config)) synced.Synced[harness.Rental] {
	t.Helper()
	serve(t, b, remotetest.Style{Format: remotetest.AsNDJSON})
	return exported(t, b, rest.NDJSON{}, change...)
}

func TestContract_C206_AnExportIsAList(t *testing.T) {
	for _, f := range formats {
		t.Run(f.name, func(t *testing.T) {
			harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
				serve(t, b, f.fake)
				model := harness.Model(t, b, exported(t, b, f.body))
				b.Put("1", "2", "3", "4", "5", "6", "7", "8")
				b.Server.Advance(time.Minute)
				start := b.Server.Now()
				result := harness.Sync(t, model, synced.In(1))
				require.Equal(t, 8, result.Created)
				require.Equal(t, 8, result.Requests, "the start, three questions, three files, the deletion")
				require.WithinDuration(t, start, result.StoredTime, 2*time.Second, "the time of the start")
				require.Zero(t, b.Server.Exports())

				b.Server.Advance(time.Hour)
				b.Server.Collection("rentals").Update(4, remotetest.Record{"name": "four"})
				b.Server.Collection("rentals").Delete(8)
				// 5 changes while the job is under way: it is not in the files, and not passed over.
				b.Server.OnRequest(func(r remotetest.Request) {
					if strings.HasPrefix(r.Collection, "exports/") && r.Method == http.MethodGet {
						b.Server.OnRequest(nil)
						b.Server.Collection("rentals").Update(5, remotetest.Record{"name": "five"})
					}
				})
				require.Equal(t, harness.Counts{Updated: 1}, harness.CountsOf(harness.Sync(t, model, synced.In(1))), "the time is sent to the start")
				require.Equal(t, 1, harness.Sync(t, model, synced.In(1)).Updated)
				require.Zero(t, harness.Sync(t, model, synced.In(1)).Updated, "nothing is new")

				result = harness.Sync(t, model, synced.In(1), synced.Call{Strategy: strategy.Full{}})
				require.Equal(t, 1, result.Removed)
				require.Equal(t, []string{"1", "2", "3", "four", "five", "6", "7"}, harness.Names(t, model, synced.In(1)))
			})
		})
	}
}

func TestContract_C206_TheTotalIsBelieved(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		model := harness.Model(t, b, lines(t, b))
		b.Put("1", "2", "3", "4")
		harness.Sync(t, model, synced.In(1))
		done := `{"id":"2","state":"done","total":9,"files":[]}`
		b.Server.Fault(remotetest.Fault{Collection: "exports/2", Status: http.StatusOK, Body: done})
		require.Contains(t, harness.Sync(t, model, synced.In(1)).NotStored, "it has 9")
		b.Server.Fault(remotetest.Fault{Collection: "exports/3", Status: http.StatusOK, Body: done})
		result := harness.Sync(t, model, synced.In(1), synced.Call{Strategy: strategy.Full{}})
		require.NotNil(t, result.Refused)
		require.Contains(t, result.Refused.Reason, "has 9")
	})
}

// fresh is when the last run of scope 1 began that ended well.
func fresh(t *testing.T, m *synced.Model[harness.Rental]) time.Time {
	t.Helper()
	f, err := m.Freshness(context.Background(), synced.In(1))
	require.NoError(t, err)
	return f.LastSuccess
}

func TestContract_C207_AnExportThatDoesNotComeWholeProvesNothing(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		model := harness.Model(t, b, lines(t, b))
		b.Put("1", "2", "3", "4", "5", "6", "7", "8")
		harness.Sync(t, model, synced.In(1))
		b.Server.Collection("rentals").Update(1, remotetest.Record{"name": "one"}) // in the file that comes
		before, job := fresh(t, model), 1
		for name, c := range map[string]struct {
			fault remotetest.Fault
			words string
		}{
			"a file that is cut short": {remotetest.Fault{Collection: "files/%d/2", Truncate: 20, Times: -1}, "file 2 of 3"},
			"a file that is gone":      {remotetest.Fault{Collection: "files/%d/3", Status: http.StatusNotFound}, "no longer there, as where it has expired"},
			"a file that is refused":   {remotetest.Fault{Collection: "files/%d/1", Status: http.StatusForbidden}, "403 Forbidden"},
			"another file":             {remotetest.Fault{Collection: "files/%d/2", Body: "<html>no</html>"}, "HTML"},
			"a job that expired":       {remotetest.Fault{Collection: "exports/%d", Status: http.StatusGone}, "no longer there, as where it has expired"},
			"a job that failed":        {remotetest.Fault{Collection: "exports/%d", Body: `{"id":"9","state":"failed","error":"the disk is full"}`}, `"failed": the disk is full`},
			"a job that never ends":    {remotetest.Fault{Collection: "exports/%d", Body: `{"id":"9","state":"queued"}`, Times: -1}, `not done after 1m0s (Export.MaxTime), and says "queued"`},
			"no state":                 {remotetest.Fault{Collection: "exports/%d", Status: http.StatusOK, Body: `{"id":"9"}`}, `no state at "state"`},
			"done, without files":      {remotetest.Fault{Collection: "exports/%d", Body: `{"id":"9","state":"done"}`}, `nothing at "files.url"`},
			"no job":                   {remotetest.Fault{Collection: "rentals", Body: `{"id":null,"message":"one is under way"}`}, "no export was started"},
		} {
			for _, s := range []strategy.Strategy{since, strategy.Full{}} {
				job++
				if f := c.fault; strings.Contains(f.Collection, "%d") {
					c.fault.Collection = fmt.Sprintf(f.Collection, job)
					b.Server.Fault(c.fault)
					c.fault = f
				} else {
					b.Server.Fault(f)
				}
				result, err := model.Synchronize(context.Background(), synced.In(1), synced.Call{Strategy: s})
				require.ErrorContains(t, err, c.words, name)
				require.NotErrorIs(t, err, remote.ErrNotFound, name)
				require.NotErrorIs(t, err, remote.ErrSinceRejected, name)
				require.Zero(t, result.Updated+result.Removed, name)
				require.Empty(t, result.Complete, name)
				require.Equal(t, before, fresh(t, model), name)
			}
		}
		b.Server.ClearFaults()
		require.Equal(t, 1, harness.Sync(t, model, synced.In(1)).Updated)
	})
}

func TestContract_C208_AFileOnAnotherHostGetsNoCredentials(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		header := func(c *rest.Config) { c.Header = http.Header{"X-Api-Secret": {"header-secret"}} }
		model := harness.Model(t, b, lines(t, b, header))
		b.Put("1", "2", "3")
		harness.Sync(t, model, synced.In(1))
		files := 0
		for _, r := range b.Server.Log() {
			if strings.HasPrefix(r.Path, "/files/") {
				files++
				require.NotEmpty(t, r.Query.Get("Signature"))
				require.Empty(t, r.Header.Get("Authorization"))
				require.Empty(t, r.Header.Get("X-Api-Secret"))
				require.Empty(t, r.Header.Get("Referer"))
			} else {
				require.Equal(t, "header-secret", r.Header.Get("X-Api-Secret"))
			}
		}
		require.Equal(t, 3, files)

		// Its URL is in no error, whatever repeats it, and in no table.
		const signature = "8b1a9953c4611296a827abf8c47804d7"
		done := fmt.Sprintf(`{"state":"done","total":1,"files":[{"url":"%s/files/2/1?Expires=3600&Signature=%s"}]}`, b.Server.Files(), signature)
		b.Server.Fault(remotetest.Fault{Collection: "exports/2", Status: http.StatusOK, Body: done})
		result, err := model.Synchronize(context.Background(), synced.In(1), synced.Call{Strategy: strategy.Full{}})
		require.ErrorContains(t, err, "SignatureDoesNotMatch</Code><Provided>[redacted]")
		require.NotContains(t, err.Error(), "3600")
		require.NotErrorIs(t, err, remote.ErrUnauthorized, "it says nothing of the API's credentials")
		require.NotContains(t, err.Error()+result.String()+strings.Join(b.Column(t, "SELECT error FROM synced_runs"), ""), signature)

		// Another host is not asked at all.
		model = harness.Bind(t, b, exported(t, b, rest.NDJSON{}, func(c *rest.Config) { c.Export.Hosts = []string{"https://files.example.com"} }))
		b.Server.ResetLog()
		_, err = model.Synchronize(context.Background(), synced.In(1), synced.Call{Strategy: strategy.Full{}})
		require.ErrorIs(t, err, remote.ErrForeignURL)
		require.ErrorContains(t, err, "Export.Hosts")
		for _, r := range b.Server.Log() {
			require.NotContains(t, r.Path, "/files/")
		}
	})
}

func TestContract_C209_AJobThatIsLeftIsDeleted(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		model := harness.Model(t, b, lines(t, b, func(c *rest.Config) {
			c.Export.Cancel = rest.Step{Method: http.MethodDelete, Path: "exports/%s"}
		}))
		b.Put("1", "2", "3")
		ctx, cancel := context.WithCancel(context.Background())
		b.Server.OnRequest(func(r remotetest.Request) {
			if r.Collection == "exports/1" && r.Method == http.MethodGet {
				cancel()
			}
		})
		_, err := model.Synchronize(ctx, synced.In(1))
		require.ErrorIs(t, err, context.Canceled)
		require.Zero(t, b.Server.Exports(), "it is deleted though the run was canceled")
		b.Server.OnRequest(nil)

		// One whose file does not come is deleted too, and one that never ends.
		b.Server.Script(remotetest.Fault{Collection: "files/2/1", Status: http.StatusNotFound},
			remotetest.Fault{Collection: "exports/3", Body: `{"state":"queued"}`, Times: 8})
		for range 2 {
			_, err = model.Synchronize(context.Background(), synced.In(1))
			require.Error(t, err)
			require.Zero(t, b.Server.Exports(), err)
		}
		b.Server.ClearFaults()
		// A run that starts after one that was killed starts a job of its own.
		require.Equal(t, 3, harness.Sync(t, model, synced.In(1)).Created)
	})
}

func TestContract_C210_ALimitOnTheStartIsWaitedFor(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		model := harness.Model(t, b, lines(t, b))
		b.Put("1", "2", "3")
		before := b.Server.Now()
		b.Server.Fault(remotetest.Fault{Collection: "rentals", Status: http.StatusTooManyRequests, RetryAfter: 20 * time.Second})
		// What breaks while the job is under way does not end it.
		b.Server.Fault(remotetest.Fault{Collection: "exports/2", Status: http.StatusServiceUnavailable, Times: 12})
		require.Equal(t, 3, harness.Sync(t, model, synced.In(1)).Created)
		require.GreaterOrEqual(t, b.Server.Now().Sub(before), 20*time.Second)
		require.Equal(t, 1, b.Server.Exports(), "the one whose answer the fault replaced")
	})
}
