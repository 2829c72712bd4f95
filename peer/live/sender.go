package live

import (
	"context"
	"errors"
	"sync"

	"github.com/syncedgo/synced/peer"
)

// sender sends changes as they are made, and waits for the other side.
type sender struct {
	peer   *peer.Peer
	remote peer.Remote
	out    *outlet
	wake   chan struct{}
	turn   *turn
	// window is how many messages may be unacknowledged.
	window int

	mu sync.Mutex
	// flight are the numbers of messages that are not answered.
	flight map[int64]bool
	news   news
	// last is the end of the journal, as far as it is known.
	last int64
	// finishing, said and heard are about the end: that it is wanted here, and who has said
	// that it sends no more changes.
	finishing, said, heard bool

	way way
}

// news is what the reader has heard since the sender last looked.
type news struct {
	receipt *peer.Receipt
	trouble error
	tick    bool
}

// finish sends no more changes than those that are in flight, then ends the connection.
func (s *sender) finish() { s.note(func() { s.finishing = true }) }

// farewell notes that the other side does so.
func (s *sender) farewell() { s.note(func() { s.finishing, s.heard = true, true }) }

// reaches notes the end of the journal.
func (s *sender) reaches(last int64) {
	s.mu.Lock()
	more := last > s.last
	s.last = max(s.last, last)
	s.mu.Unlock()
	if more {
		signal(s.wake)
	}
}

// tick tells the other side of positions that have nothing for it, now and then.
func (s *sender) tick() { s.note(func() { s.news.tick = true }) }

func (s *sender) note(what func()) {
	s.mu.Lock()
	what()
	s.mu.Unlock()
	signal(s.wake)
}

// ended reports whether both sides have said that they send no more.
func (s *sender) ended() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.said && s.heard
}

// acknowledged takes the receipt for a message, or one that answers none.
func (s *sender) acknowledged(re int64, r *peer.Receipt) error {
	return s.answered(re, func() { s.news.receipt = r })
}

// refused takes an error in the place of a receipt.
func (s *sender) refused(re int64, err error) error {
	s.mu.Lock()
	waits := s.flight[re]
	s.mu.Unlock()
	switch {
	case !waits:
		return nil // who sent a message of a service's no longer waits
	case !errors.As(err, new(*peer.PositionError)) && !errors.As(err, new(*pageError)):
		return err
	}
	return s.answered(re, func() { s.news.trouble = err })
}

func (s *sender) answered(re int64, what func()) error {
	s.mu.Lock()
	known := re == 0 || s.flight[re]
	delete(s.flight, re)
	s.mu.Unlock()
	if !known {
		return badMessage("an answer to message %d, which waits for none", re)
	}
	s.note(what)
	return nil
}

// view is what the sender knows when it looks.
type view struct {
	news
	flight    int
	last      int64
	finishing bool
}

// look takes what was heard. A trouble stays until all messages in flight are answered.
func (s *sender) look() view {
	s.mu.Lock()
	defer s.mu.Unlock()
	v := view{s.news, len(s.flight), s.last, s.finishing}
	s.news = news{}
	if v.flight > 0 {
		s.news.trouble = v.trouble
	}
	return v
}

func (s *sender) run(ctx context.Context) error {
	defer s.release()
	for ctx.Err() == nil {
		again, err := s.step(ctx, s.look())
		if err != nil {
			return err
		}
		if again {
			continue
		}
		select {
		case <-ctx.Done():
		case <-s.wake:
		}
	}
	return nil
}

// step does the next step, and reports whether there may be another at once.
func (s *sender) step(ctx context.Context, v view) (again bool, err error) {
	if v.receipt != nil {
		if err := s.keep(ctx, v.receipt); err != nil {
			return false, err
		}
	}
	switch {
	case v.trouble != nil && v.flight > 0:
		return false, nil
	case v.trouble != nil:
		return true, s.way.back(v.trouble)
	case v.finishing && v.flight == 0:
		return false, s.part()
	case v.finishing || v.flight >= s.window:
		return false, nil
	}
	return s.next(ctx, v)
}

// keep keeps what the other side says of our changes, and answers where that is about keys.
func (s *sender) keep(ctx context.Context, r *peer.Receipt) error {
	if err := s.peer.Acknowledge(ctx, s.remote, r); err != nil {
		return err
	}
	s.way.stored = r.Received
	told := len(r.Keys) > 0 && r.KeysUpto > s.way.keysTold
	if !told && r.KeysKnown <= s.way.keysKnown {
		return nil
	}
	s.way.keysTold, s.way.keysKnown = max(s.way.keysTold, r.KeysUpto), max(s.way.keysKnown, r.KeysKnown)
	own, err := s.peer.Receipt(ctx, s.remote)
	if err != nil || len(own.Keys) == 0 && !told {
		return err
	}
	return s.out.acknowledge(*own, 0)
}

// part says that nothing more comes, and ends the connection when both sides have said so.
func (s *sender) part() error {
	s.mu.Lock()
	said := s.said
	s.said = true
	s.mu.Unlock()
	if !said {
		if err := s.out.send(message{Type: typeClose}); err != nil {
			return err
		}
	}
	if s.ended() {
		return errEnded
	}
	return nil
}

// next sends the next message, if there is one, and reports whether another may follow.
func (s *sender) next(ctx context.Context, v view) (more bool, err error) {
	w := &s.way
	if len(w.pieces) == 0 {
		if err := s.prepare(ctx, v); err != nil || len(w.pieces) == 0 {
			return w.more, err
		}
	}
	m := w.pieces[0]
	w.pieces = w.pieces[1:]
	m.ID = s.out.number()
	s.mu.Lock()
	s.flight[m.ID] = true
	s.mu.Unlock()
	return true, s.out.send(m)
}
