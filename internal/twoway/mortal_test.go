package twoway_test

import (
	"context"
	"sync"
	"sync/atomic"
)

// mortal is the context of a process that dies: after it was looked at so many times, which
// each statement does, it is done. What is in a transaction then is lost.
type mortal struct {
	context.Context
	left atomic.Int64
	once sync.Once
	dead chan struct{}
}

func newMortal(ctx context.Context, looks int) *mortal {
	m := &mortal{Context: ctx, dead: make(chan struct{})}
	m.left.Store(int64(looks))
	return m
}

func (m *mortal) look() {
	if m.left.Add(-1) < 0 {
		m.once.Do(func() { close(m.dead) })
	}
}

func (m *mortal) Done() <-chan struct{} {
	m.look()
	return m.dead
}

func (m *mortal) Err() error {
	m.look()
	select {
	case <-m.dead:
		return context.Canceled
	default:
		return nil
	}
}
