package wire

import (
	"net/url"
	"strings"
	"sync"
)

// maxCircuits bounds what the process remembers of hosts.
const maxCircuits = 1000

// circuits are the circuits of the process, shared by clients that are made for one
// run each.
var circuits = circuitCache{found: map[circuitKey]*cachedCircuit{}}

// circuitCache keeps the circuits that were asked for last. A client holds on to its
// own for as long as it lives.
type circuitCache struct {
	mu    sync.Mutex
	found map[circuitKey]*cachedCircuit
	uses  int64
}

// circuitKey tells circuits apart.
type circuitKey struct {
	origin  string
	breaker Breaker
}

type cachedCircuit struct {
	*circuit
	used int64 // the count of uses when it was last asked for
}

// circuit finds the circuit of a host.
func (b Breaker) circuit(u *url.URL) *circuit {
	if b.Failures < 0 {
		return nil
	}
	return circuits.get(circuitKey{u.Scheme + "://" + strings.ToLower(u.Hostname()) + ":" + port(u), b})
}

// get returns the circuit of a key, a new one where there is none.
func (s *circuitCache) get(key circuitKey) *circuit {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.found[key]
	if c == nil {
		if len(s.found) >= maxCircuits {
			s.drop()
		}
		c = &cachedCircuit{circuit: newCircuit(key.breaker)}
		s.found[key] = c
	}
	s.uses++
	c.used = s.uses
	return c.circuit
}

// drop forgets the circuit that was not asked for the longest.
func (s *circuitCache) drop() {
	var oldest circuitKey
	least := s.uses + 1
	for key, c := range s.found {
		if c.used < least {
			oldest, least = key, c.used
		}
	}
	delete(s.found, oldest)
}
