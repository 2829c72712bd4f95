package live

import (
	"context"
	"errors"
	"fmt"

	"github.com/go-json-experiment/json"

	"github.com/syncedgo/synced/peer"
)

// prepare reads what comes next.
func (s *sender) prepare(ctx context.Context, v view) error {
	w := &s.way
	more := w.more
	w.more = false
	switch {
	case w.snapshot && v.flight > 0:
		return nil // pages go one by one
	case w.snapshot && w.turned && w.at == "":
		s.release()
		w.snapshot, w.more = false, true
		w.read, w.base = w.from, w.from
		return nil
	case w.snapshot:
		if !w.held {
			if err := s.turn.take(ctx, true); err != nil {
				return err
			}
			w.held = true
		}
		return s.ahead(s.page(ctx))
	case !more && v.last <= w.read && !(v.tick && w.base < w.read):
		return nil
	}
	s.release()
	b, err := s.peer.Changes(ctx, s.remote, w.read)
	if errors.As(err, new(*peer.PositionError)) {
		return s.ahead(err)
	}
	if errors.Is(err, peer.ErrAway) {
		w.snapshot, w.turned, w.at, w.more = true, false, "", true
		return nil
	}
	if err != nil {
		return err
	}
	if b.After != w.base {
		b.Since = w.version
	}
	w.more, w.read, b.After = b.More, b.Upto, w.base
	if len(b.Changes) == 0 && (!v.tick || b.Upto == b.After) {
		return nil // the other side need not know
	}
	w.base, w.version = b.Upto, b.Version
	w.pieces, err = split(b, s.out.longest)
	return err
}

// ahead goes on with the changes after a position to which another connection has brought the other
// side, where err is that.
func (s *sender) ahead(err error) error {
	var position *peer.PositionError
	if !errors.As(err, &position) {
		return err
	}
	s.release()
	s.way.snapshot = false
	return s.way.forward(position.Expected)
}

// release ends a snapshot.
func (s *sender) release() {
	if s.way.held {
		s.way.held = false
		s.turn.give()
	}
}

// page reads the next page of a snapshot.
func (s *sender) page(ctx context.Context) error {
	w := &s.way
	page, err := s.peer.Snapshot(ctx, s.remote, w.at)
	if err != nil && w.at != "" && w.at == w.cursor { // it may be of what is no longer here
		page, err = s.peer.Snapshot(ctx, s.remote, "")
	}
	if err != nil {
		return err
	}
	m, err := newMessage(typePage, page)
	if err == nil && len(m.Body) > s.out.longest {
		err = fmt.Errorf("a page of a snapshot has %d bytes, and the connection takes %d: set MaxBatchBytes of peer.Config lower", len(m.Body), s.out.longest)
	}
	w.pieces = []message{m}
	w.turned, w.at, w.from = true, page.Next, page.From
	return err
}

// split makes messages of a batch that are not longer than the connection takes.
func split(b *peer.Batch, longest int) ([]message, error) {
	text, err := json.Marshal(b)
	if err != nil {
		return nil, fmt.Errorf("write changes after %d: %w", b.After, err)
	}
	if len(text) <= longest {
		return []message{{Type: typeChanges, Body: text}}, nil
	}
	if len(b.Changes) < 2 {
		return nil, fmt.Errorf("change %d has %d bytes, and the connection takes %d: raise MaxMessageBytes, or use frames of 32 bits", b.Upto, len(text), longest)
	}
	half := len(b.Changes) / 2
	middle := b.Changes[half-1].Seq
	first, err := split(&peer.Batch{After: b.After, Upto: middle, Since: b.Since, More: true, Changes: b.Changes[:half]}, longest)
	if err != nil {
		return nil, err
	}
	second, err := split(&peer.Batch{After: middle, Upto: b.Upto, Version: b.Version, More: b.More, Changes: b.Changes[half:]}, longest)
	return append(first, second...), err
}
