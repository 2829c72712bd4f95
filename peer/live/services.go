package live

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"

	"github.com/syncedgo/synced/peer"
)

// services are the messages that services have registered.
type services struct {
	node   *Node
	remote peer.Remote
	out    *outlet
	later  func(message) error
	queue  chan message

	mu sync.Mutex
	// waiting are those who sent a message, by its number. Nil is a connection that has ended.
	waiting map[int64]chan error
}

// errLost is a connection that ended before an answer came.
var errLost = errors.New("the connection was lost before the answer came")

// take queues a message, or tells the other side why not.
func (s *services) take(m message) error {
	err := error(nil)
	switch {
	case s.node.config.Messages[m.Type] == nil:
		err = refuse(http.StatusNotFound, "there are no messages of type %q here", m.Type)
	case len(m.Body) > mostBody:
		err = refuse(http.StatusRequestEntityTooLarge, "a message of type %q has at most %d bytes, and this one %d", m.Type, mostBody, len(m.Body))
	default:
		select {
		case s.queue <- m:
		default:
			err = refuse(http.StatusTooManyRequests, "%d messages wait here: wait for the answers", cap(s.queue))
		}
	}
	if err == nil {
		return nil
	}
	if m.ID == 0 {
		return err // there is no other way to tell
	}
	return s.later(explain(err, m.ID))
}

// run handles the messages that come.
func (s *services) run(ctx context.Context) error {
	defer s.lose()
	for {
		select {
		case <-ctx.Done():
			return nil
		case m := <-s.queue:
			answer := message{Type: typeDone, Re: m.ID}
			if err := s.node.config.Messages[m.Type](ctx, s.remote, m.Body); err != nil {
				answer = explain(refuse(http.StatusUnprocessableEntity, "%v", err), m.ID)
			}
			if m.ID == 0 {
				continue
			}
			if err := s.out.send(answer); err != nil {
				return err
			}
		}
	}
}

// send sends a message, and waits for the answer.
func (s *services) send(ctx context.Context, typ string, body any) error {
	m, err := newMessage(typ, body)
	if err != nil {
		return err
	}
	if len(m.Body) > mostBody {
		return fmt.Errorf("the message has %d bytes: at most %d are sent", len(m.Body), mostBody)
	}
	m.ID = s.out.number()
	answer := make(chan error, 1)
	s.mu.Lock()
	switch {
	case s.waiting == nil:
		err = ErrNotConnected
	case len(s.waiting) >= mostWaiting:
		err = fmt.Errorf("%d messages wait for their answer: wait for one", mostWaiting)
	default:
		s.waiting[m.ID] = answer
	}
	s.mu.Unlock()
	if err != nil {
		return err
	}
	defer s.answered(m.ID, nil)
	if err := s.out.send(m); err != nil {
		return err
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case err := <-answer:
		return err
	}
}

// answered hands an answer to who waits for it, and reports whether somebody did.
func (s *services) answered(re int64, err error) bool {
	s.mu.Lock()
	answer := s.waiting[re]
	delete(s.waiting, re)
	s.mu.Unlock()
	if answer != nil {
		answer <- err
	}
	return answer != nil
}

// lose tells all who wait that the connection has ended.
func (s *services) lose() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, answer := range s.waiting {
		answer <- errLost
	}
	s.waiting = nil
}
