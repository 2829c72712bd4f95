package remotetest

import (
	"fmt"
	"slices"
	"sync"
)

// requestLog is the requests that came, in their order.
type requestLog struct {
	mu       sync.Mutex
	requests []Request
	count    int // also those that reset forgot
}

// add adds a request, and returns an id for it.
func (l *requestLog) add(req Request) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.requests = append(l.requests, req)
	l.count++
	return fmt.Sprintf("request-%d", l.count)
}

// len counts the requests.
func (l *requestLog) len() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.requests)
}

// all returns a copy.
func (l *requestLog) all() []Request {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.requests)
}

// reset forgets the requests.
func (l *requestLog) reset() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.requests = nil
}
