package wire

import (
	"slices"
	"sync/atomic"

	"github.com/syncedgo/synced/internal/secret"
)

// tells writes the URLs of requests for observers. It keeps what the credentials look like
// of the last request: most requests of a client have the same, and finding that out takes
// longer than all else of telling an event.
type tells struct{ last atomic.Pointer[telling] }

type telling struct {
	of   secret.Texts
	find secret.Finder
}

// url returns the URL that was asked, without credentials.
func (t *tells) url(a *Answer) string {
	if a.asked == nil {
		return ""
	}
	last := t.last.Load()
	if last == nil || !slices.Equal(last.of, a.secrets.Texts) {
		last = &telling{of: a.secrets.Texts, find: a.secrets.Finder()}
		t.last.Store(last)
	}
	return shownURL(a.asked, last.find)
}
