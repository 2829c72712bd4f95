package breaking_test

import (
	"net/http"
	"time"

	"pgregory.net/rapid"

	"github.com/syncedgo/synced/remote/rest"
)

// manner is how a remote answers, and what it is declared to be.
type manner struct {
	// Pages is how its list is cut: see pagination.
	Pages string
	// Total is where the number of records is told: "", "path", "header", "undeclared".
	// Count is how it is counted: "honest", "capped", "high", "page", "falling".
	Total, Count string
	// Order of the list: "by id", "oldest first", "newest first".
	Order string
	// Deletions are told by "ids" on each page, "first" on the first, "tombstones", or "".
	Deletions string
	// Single is how a record is answered that does not exist: "404", "410", "tombstone",
	// "merged", "redirect", "bare", "403"; and all of them by "nowhere" and "same".
	Single string
	// IDs reports whether lists of ids can be asked for, and Few how many records one
	// answers at most, 0 for all.
	IDs bool
	Few int
	// Probe reports whether bad credentials can be told by another endpoint.
	Probe bool
	// PastEnd reports whether 404 is declared to be the end of a list.
	PastEnd bool
	// Lag is how long a change is not shown by lists, and Skew how far the clock that
	// dates answers is ahead of the one that stamps records.
	Lag, Skew time.Duration
	// Time is where the time to store comes from: "remote", "date", "largest", "local".
	Time string
	// RealTime reports whether the remote goes by this machine's clock.
	RealTime bool
}

// perWitness is how many records are on a page.
const perWitness = 3

// lateness is how late a remote may be, and tolerance what is declared then.
const (
	lateness  = time.Minute
	tolerance = 3 * time.Minute
)

func sampled[T any](t *rapid.T, name string, values ...T) T {
	return rapid.SampledFrom(values).Draw(t, name)
}

func drawManner(t *rapid.T) manner {
	m := manner{
		Pages:     sampled(t, "pages", "page", "offset", "last id", "last id, more", "cursor", "offset cursor", "link", "stable link", "next", "one", "undeclared"),
		Total:     sampled(t, "total", "", "", "path", "header", "undeclared"),
		Order:     sampled(t, "order", "by id", "oldest first", "newest first"),
		Deletions: sampled(t, "deletions", "", "ids", "first", "tombstones"),
		Single:    sampled(t, "single", "404", "410", "tombstone", "merged", "redirect", "bare", "403", "nowhere", "same"),
		Probe:     rapid.Bool().Draw(t, "probe"),
		Time:      sampled(t, "time", "remote", "date", "largest", "local"),
	}
	if m.Total != "" {
		m.Count = sampled(t, "count", "honest", "honest", "honest", "capped", "high", "page", "falling")
	}
	if m.stays() {
		m.Order = "by id"
	}
	if m.IDs = rapid.Bool().Draw(t, "ids"); m.IDs {
		m.Few = sampled(t, "few", 0, 0, 1, 2, 3)
	}
	if m.guesses() {
		m.PastEnd = rapid.Bool().Draw(t, "past end")
	}
	if m.RealTime = m.Time == "local"; !m.RealTime && rapid.Bool().Draw(t, "late") {
		m.Lag, m.Skew = sampled(t, "lag", 0, lateness), sampled(t, "skew", -lateness, 0, lateness)
	}
	return m
}

// stays reports whether the positions of the list stay put.
func (m manner) stays() bool {
	switch m.Pages {
	case "last id", "last id, more", "cursor", "stable link":
		return true
	default:
		return false
	}
}

// guesses reports whether no answer says whether there is another page.
func (m manner) guesses() bool { return m.Pages == "page" || m.Pages == "offset" }

// single reports whether the list comes on one page.
func (m manner) single() bool { return m.Pages == "one" || m.Pages == "undeclared" }

// ends reports whether a whole list can be told from its first page: one of as many
// records as APIs put on a page may be that page, where nothing is declared.
func (w *witness) ends() bool { return w.Pages != "undeclared" || len(w.names()) != 10 }

// counts reports whether the client is told how many records there are.
func (m manner) counts() bool { return m.Total != "" && m.Count == "honest" }

// asks reports whether records can be asked for one by one, with an answer that tells
// whether there is one.
func (m manner) asks() bool {
	switch m.Single {
	case "404", "410", "merged", "redirect":
		return true
	case "tombstone":
		return m.Deletions == "tombstones"
	default:
		return false
	}
}

// late reports whether a tolerance must be declared.
func (m manner) late() bool { return m.Lag != 0 || m.Skew != 0 }

func (m manner) pagination() rest.Pagination {
	pastEnd := 0
	if m.PastEnd {
		pastEnd = http.StatusNotFound
	}
	switch m.Pages {
	case "page":
		return rest.PageNumber{PastEnd: pastEnd}
	case "offset":
		return rest.Offset{PastEnd: pastEnd}
	case "last id":
		return rest.Cursor{Param: "after", LastRecord: "id"}
	case "last id, more":
		return rest.Cursor{Param: "after", LastRecord: "id", MorePath: "meta.more"}
	case "cursor":
		return rest.Cursor{Param: "after", Path: "meta.next"}
	case "offset cursor": // which tells by itself that it is none that stays put
		return rest.Cursor{Param: "offset", Path: "meta.next"}
	case "link":
		return rest.LinkHeader{}
	case "stable link":
		return rest.LinkHeader{Stable: true}
	case "next":
		return rest.NextURL{Path: "meta.next"}
	case "one":
		return rest.OnePage{}
	default:
		return nil
	}
}

// client is a client of the witness.
func (w *witness) client() (*rest.Client, error) {
	config := rest.Config{BaseURL: w.srv.URL, HTTP: w.srv.Client(), Pagination: w.pagination(), RecordsKey: "items", PerPage: perWitness, Since: rest.Since{Format: time.RFC3339Nano}}
	config.Retry.Max, config.Retry.MaxTime = -1, time.Millisecond
	if w.single() {
		config.PerPage = 0
	}
	switch w.Total {
	case "path":
		config.TotalPath = "meta.total"
	case "header":
		config.TotalHeader = "X-Total"
	}
	if w.Probe {
		config.Probe = "me"
	}
	if w.IDs {
		config.IDs = rest.IDs{Param: "ids"}
	}
	if w.Deletions == "" || w.Deletions == "tombstones" {
		config.Deleted.Path = rest.None
	}
	return rest.NewClient(config)
}
