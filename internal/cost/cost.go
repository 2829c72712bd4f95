// Package cost counts what single records cost that an API is asked for: [remote.Getter]
// returns an object, which has no place to tell it, as a page has.
package cost

import (
	"context"
	"sync/atomic"

	"github.com/syncedgo/synced/remote"
)

// Cost is what was asked of a remote.
type Cost struct {
	Requests int
	Bytes    int64 // of the answers
}

// Add adds another cost.
func (c *Cost) Add(other Cost) {
	c.Requests += other.Requests
	c.Bytes += other.Bytes
}

// Get asks an API for one record, and adds what that cost. An API that doesn't count
// is taken to have made one request.
func (c *Cost) Get(ctx context.Context, api remote.Getter, req remote.Request, id string) (remote.Object, error) {
	m := &meter{}
	o, err := api.Get(context.WithValue(ctx, key{}, m), req, id)
	c.Add(Cost{Requests: int(m.requests.Load()), Bytes: m.bytes.Load()})
	if !m.counts.Load() {
		c.Requests++
	}
	return o, err
}

// Count tells the asker, if ctx has one, what requests cost, also where none was made. It may be called
// concurrently.
func Count(ctx context.Context, requests int, bytes int64) {
	if m, ok := ctx.Value(key{}).(*meter); ok {
		m.counts.Store(true)
		m.requests.Add(int64(requests))
		m.bytes.Add(bytes)
	}
}

type key struct{}

type meter struct {
	counts          atomic.Bool // the API tells what it costs
	requests, bytes atomic.Int64
}
