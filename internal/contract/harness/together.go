package harness

import (
	"slices"
	"sync"
	"time"

	"github.com/syncedgo/synced/remote/remotetest"
)

// Together notes tokens that have two requests at once: with a token for each scope and one
// request a run, two runs of that scope.
type Together struct {
	mu     sync.Mutex
	within map[string]int
	beside []string
}

// WatchTogether watches the requests of a bundle's server, each of which takes that long.
func WatchTogether(b *Bundle, takes time.Duration) *Together {
	w := &Together{within: map[string]int{}}
	b.Server.OnRequest(func(r remotetest.Request) {
		w.mu.Lock()
		if w.within[r.Token]++; w.within[r.Token] > 1 {
			w.beside = append(w.beside, r.Token)
		}
		w.mu.Unlock()
		time.Sleep(takes)
		w.mu.Lock()
		w.within[r.Token]--
		w.mu.Unlock()
	})
	return w
}

// Tokens returns the tokens that had two requests at once.
func (w *Together) Tokens() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.beside)
}
