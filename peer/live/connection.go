package live

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/syncedgo/synced/peer"
)

// connection is one that is established: each side knows the other, and where it stands.
type connection struct {
	node     *Node
	remote   peer.Remote
	link     link
	out      *outlet
	sender   *sender
	receiver *receiver
	services *services
	// small are messages that the reader wants to send. It never writes itself: two sides that
	// write and don't read would wait for each other.
	small chan message
	heard *pulse
	// abort ends the connection, with the reason.
	abort context.CancelCauseFunc
}

// errEnded is a connection that both sides have ended.
var errEnded = errors.New("the connection was closed")

// The time that is left for the last words to the other side, and for what is in flight
// when a context ends.
const (
	lastWords = 2 * time.Second
	grace     = 5 * time.Second
)

// run exchanges until the connection ends.
func (c *connection) run(ctx context.Context) error {
	inner, abort := context.WithCancelCause(context.WithoutCancel(ctx))
	defer abort(nil)
	c.abort = abort
	if err := c.node.enter(c); err != nil {
		c.tell(err)
		return err
	}
	defer c.node.leave(c)
	defer context.AfterFunc(inner, c.link.close)()
	defer context.AfterFunc(ctx, func() {
		c.sender.finish()
		time.AfterFunc(grace, func() { abort(ctx.Err()) })
	})()
	var parts sync.WaitGroup
	for _, part := range []func(context.Context) error{c.read, c.write, c.watch, c.sender.run, c.receiver.run, c.services.run} {
		parts.Go(func() {
			if err := part(inner); err != nil {
				c.fail(inner, err)
			}
		})
	}
	parts.Wait()
	if err := context.Cause(inner); !errors.Is(err, errEnded) {
		return err
	}
	return nil
}

// fail ends the connection, and tells the other side why.
func (c *connection) fail(ctx context.Context, err error) {
	if ctx.Err() != nil {
		return
	}
	var refused *RefusedError
	if c.sender.ended() {
		err = errEnded
	}
	if !errors.Is(err, errEnded) && !errors.As(err, &refused) {
		c.tell(err)
	}
	c.abort(err)
}

// tell tells the other side why the connection ends.
func (c *connection) tell(err error) {
	defer time.AfterFunc(lastWords, c.link.close).Stop()
	_ = c.out.send(explain(err, 0)) // it may be gone
}

// read takes what comes. It waits for nothing but the link.
func (c *connection) read(ctx context.Context) error {
	for {
		raw, err := c.link.read()
		if err != nil {
			return err
		}
		m, err := decodeMessage(raw)
		if err == nil {
			err = c.take(m)
		}
		if err != nil {
			return err
		}
	}
}

// take hands a message to who waits for it.
func (c *connection) take(m message) error {
	switch m.Type {
	case typePing:
		return c.later(message{Type: typePong})
	case typePong:
		return nil
	case typeChanges, typePage:
		return c.receiver.take(m)
	case typeAcknowledge:
		var r peer.Receipt
		if err := peer.Decode(m.Body, &r); err != nil {
			return err
		}
		return c.sender.acknowledged(m.Re, &r)
	case typeError:
		switch err := m.refusal(); {
		case m.Re == 0:
			return err
		case c.services.answered(m.Re, err):
			return nil
		default:
			return c.sender.refused(m.Re, err)
		}
	case typeDone:
		c.services.answered(m.Re, nil)
		return nil
	case typeClose:
		c.sender.farewell()
		return nil
	case typeHello, typeFrom:
		return badMessage("a message %q comes at the beginning, once", m.Type)
	}
	return c.services.take(m)
}

// later sends a small message, soon.
func (c *connection) later(m message) error {
	select {
	case c.small <- m:
		return nil
	default:
		return badMessage("%d answers wait to be read: read before you send more", cap(c.small))
	}
}

// write sends small messages.
func (c *connection) write(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case m := <-c.small:
			if err := c.out.send(m); err != nil {
				return err
			}
		}
	}
}

// watch asks for a sign of life where nothing is heard. The link ends where none comes.
func (c *connection) watch(ctx context.Context) error {
	ticker := time.NewTicker(c.node.config.Ping)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
			c.sender.tick()
			c.receiver.tick()
			if !c.heard.since() {
				if err := c.later(message{Type: typePing}); err != nil {
					return err
				}
			}
		}
	}
}

// pulse notes that something was heard.
type pulse struct{ beat atomic.Bool }

func (p *pulse) heard()      { p.beat.Store(true) }
func (p *pulse) since() bool { return p.beat.Swap(false) }

// outlet writes messages to a link, one at a time.
type outlet struct {
	link link
	// longest is how long the body of a message may be.
	longest int
	last    atomic.Int64
	mu      sync.Mutex
}

// number numbers a message that wants an answer.
func (o *outlet) number() int64 { return o.last.Add(1) }

// acknowledge sends a receipt. One that is too long has no keys: they come with another, or with
// an exchange.
func (o *outlet) acknowledge(r peer.Receipt, re int64) error {
	m, err := newMessage(typeAcknowledge, r)
	if err == nil && len(m.Body) > o.longest {
		r.Keys, r.KeysUpto = nil, 0
		m, err = newMessage(typeAcknowledge, r)
	}
	if err != nil {
		return err
	}
	m.Re = re
	return o.send(m)
}

func (o *outlet) send(m message) error {
	text, err := json.Marshal(m)
	if err != nil {
		return fmt.Errorf("write a message %q: %w", m.Type, err)
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.link.write(text)
}
