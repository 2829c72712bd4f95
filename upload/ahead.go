package upload

import "context"

// batch is changes on their way, and their body.
type batch struct {
	after       int64 // the server's version that it follows
	salt, shape string
	items       []item
	body        []byte
}

func (s *stepping) batchOf(after int64, items []item) batch {
	body, n := s.encode(items)
	return batch{after, s.state.salt, s.state.shape, items[:n], body}
}

// readAhead reads the batch that follows one, while that is sent. What it returns waits for it. A batch
// that can't be read, or whose rows have changed, is left to the next step.
//
// Sent by the next step, it is a batch that comes late: what has changed since then has a greater version,
// and follows.
func (s *stepping) readAhead(ctx context.Context, b batch, size int64) (wait func()) {
	last := b.items[len(b.items)-1].version
	if last >= s.state.version {
		return func() {}
	}
	state := *s.state
	own := &stepping{c: s.c, table: s.table, local: s.local, state: &state}
	own.local.mark = newMarker(s.local.mark.shape, s.local.mark.salt)
	done := make(chan struct{})
	go func() {
		defer close(done)
		items, other, err := own.load(ctx, last, size)
		if err != nil || len(items) == 0 || len(other) > 0 {
			return
		}
		next := own.batchOf(last, items)
		s.c.mu.Lock()
		defer s.c.mu.Unlock()
		s.c.ahead[s.table.Name] = next
	}()
	return func() { <-done }
}

// takeAhead returns the batch that was read ahead, if it is the one that a step needs.
func (c *Client) takeAhead(s *stepping, version, size int64) (b batch, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	b, ok = c.ahead[s.table.Name]
	delete(c.ahead, s.table.Name)
	return b, ok && b.after == version && b.salt == s.state.salt && b.shape == s.state.shape && int64(len(b.items)) <= size
}
