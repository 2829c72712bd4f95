package wire

import (
	"net/http"
	"sync"
)

var (
	sharedMu   sync.Mutex
	sharedFrom *http.Transport
	shared     *http.Transport
)

// transport is what clients without Config.HTTP share: [http.DefaultTransport],
// but for the connections that it keeps to one host. It keeps two, and would dial
// again for each further request under way.
func transport() http.RoundTripper {
	from, ok := http.DefaultTransport.(*http.Transport)
	if !ok {
		return http.DefaultTransport // somebody's own
	}
	sharedMu.Lock()
	defer sharedMu.Unlock()
	if sharedFrom != from {
		sharedFrom, shared = from, from.Clone()
		shared.MaxIdleConnsPerHost = max(from.MaxIdleConns, from.MaxIdleConnsPerHost, 100)
	}
	return shared
}
