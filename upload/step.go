package upload

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/Masterminds/squirrel"

	"github.com/syncedgo/synced/store"
)

// stepping is one step of one table.
type stepping struct {
	c      *Client
	table  Table
	local  local
	state  *state
	remote *remoteTable
	result *Result
}

func (c *Client) step(ctx context.Context, t Table) (result Result) {
	result.Table = t.Name
	lock, err := c.db.Lock(ctx, "upload "+t.Name, 0)
	if err != nil {
		if result.Err = err; errors.Is(err, store.ErrLocked) {
			result.Err = ErrBusy
		}
		return result
	}
	defer func() { _ = lock.Release(ctx) }()
	s := &stepping{c: c, table: t, remote: &remoteTable{remote: c.remote, name: t.Name}, result: &result}
	result.Err = s.take(ctx)
	result.Requests, result.Bytes = s.remote.requests, s.remote.bytes
	return result
}

// take takes the step: what is called first is done first.
func (s *stepping) take(ctx context.Context) error {
	if err := s.prepare(ctx); err != nil {
		return err
	}
	n := &noticing{db: s.c.db, table: s.table, local: s.local, state: s.state, most: s.c.o.Notes}
	err := n.all(ctx)
	s.result.Noted = n.noted
	if err != nil {
		return fmt.Errorf("note what changed: %w", err)
	}
	server, same, err := s.compare(ctx)
	if isStatus(err, http.StatusNotFound) {
		// The server has lost the table, or was changed for another one.
		s.c.forget(s.table.Name)
		return err
	}
	if err != nil {
		return err
	}
	if same {
		s.result.Equal = true
		return nil
	}
	return s.approach(ctx, server)
}

// mark is what an ETag is kept with: our sum at that time.
func (s *stepping) mark() string { return fmt.Sprintf("%d-%v ", s.state.sum.Count, s.state.sum) }

// compare asks for the server's summary. Where ours is the one that was equal to it the
// last time, the server need not tell it again.
func (s *stepping) compare(ctx context.Context) (server stateOf, same bool, err error) {
	etag := ""
	if mark := s.mark(); len(s.state.etag) > len(mark) && s.state.etag[:len(mark)] == mark {
		etag = s.state.etag[len(mark):]
	}
	server, same, err = s.remote.summary(ctx, http.MethodGet, "", nil, etag)
	return server, same, err
}

// approach makes the server's rows more like ours.
func (s *stepping) approach(ctx context.Context, server stateOf) error {
	switch {
	case server.sum == s.state.sum:
		return s.agree(ctx, server)
	case !s.state.agreed && server.sum.Count > 0:
		// What we know of our rows began anew: most may be there.
		return s.search(ctx, server)
	case server.version > s.state.version:
		// The local database is older than it was: a copy was restored.
		after, err := s.remote.removeAbove(ctx, s.state.version)
		s.result.Removed += int(max(0, server.sum.Count-after.sum.Count))
		return err
	}
	sent, err := s.upload(ctx, server)
	if err != nil || sent {
		return err
	}
	return s.search(ctx, server)
}

// agree notes that both sides have the same rows.
func (s *stepping) agree(ctx context.Context, server stateOf) error {
	s.result.Equal = true
	etag := s.mark() + server.etag
	if s.state.agreed && s.state.etag == etag && s.state.version >= server.version {
		return nil
	}
	return s.state.write(ctx, s.c.db, func(ctx context.Context, tx writer, _ changes) error {
		s.state.agreed, s.state.etag, s.state.version = true, etag, max(s.state.version, server.version)
		_, err := tx.Exec(ctx, squirrel.Delete("{synced_upload_prints}").Where(squirrel.Eq{"table_name": s.table.Name}).Where("gone = 1"))
		return err
	})
}

// prepare reads the table's shape and what is known of it, and tells the server the shape
// where it may not know it.
func (s *stepping) prepare(ctx context.Context) error {
	known, err := s.c.known(ctx, s.table, s.remote)
	if err != nil {
		return err
	}
	s.local = local{db: s.c.db, name: s.table.Name, mark: known.mark}
	if s.state, err = loadState(ctx, s.c.db, s.table.Name); err != nil {
		return err
	}
	text, err := json.Marshal(known.shape)
	if err != nil {
		return err
	}
	// Another way to find changes may have missed some from before it began.
	shape := fmt.Sprintf("%s %T%v", text, s.table.Changes, s.table.Changes)
	if s.state.salt == known.salt && s.state.shape == shape {
		return nil
	}
	return s.state.write(ctx, s.c.db, func(ctx context.Context, tx writer, _ changes) error {
		if s.state.salt != known.salt {
			s.state.salt = known.salt
			if err := s.state.forget(ctx, tx); err != nil {
				return err
			}
		}
		s.state.shape, s.state.scanned, s.state.noted = shape, 0, ""
		return nil
	})
}

// known returns the shape of a table, which is registered when the client begins, when it
// has changed, and when the server does not know it.
func (c *Client) known(ctx context.Context, t Table, at *remoteTable) (*ready, error) {
	s, err := describe(ctx, c.db, t.Name, t.Key, t.Columns)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if r := c.ready[t.Name]; r != nil && slices.Equal(r.shape.Columns, s.Columns) && slices.Equal(r.shape.Key, s.Key) {
		return &ready{s, r.salt, newMarker(s, r.mark.salt)}, nil
	}
	if by := t.Changes.column(); by != "" && s.index(by) < 0 {
		return nil, fmt.Errorf("there is no column %q, among those that are uploaded, to find changes by", by)
	}
	text, err := at.register(ctx, s)
	if err != nil {
		return nil, fmt.Errorf("register its shape: %w", err)
	}
	salt, err := parseSalt(text)
	if err != nil {
		return nil, fmt.Errorf("the server's salt: %w", err)
	}
	r := &ready{s, text, newMarker(s, salt)}
	c.ready[t.Name] = r
	return &ready{s, text, newMarker(s, salt)}, nil
}

func (c *Client) forget(table string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.ready, table)
}

// search finds how the sides differ. What the server lacks gets new versions, and is
// uploaded by the steps that follow; what only it has is deleted.
func (s *stepping) search(ctx context.Context, server stateOf) error {
	s.result.Searched = true
	var f found
	var err error
	if s.state.sum.Count == 0 {
		_, err = s.remote.removeAll(ctx)
		s.result.Removed += int(server.sum.Count)
	} else if f, err = search(ctx, keptSide{s.state.tree(), s.c.db}, s.remote, server.sum); err == nil {
		err = s.drop(ctx, f.extra)
	}
	if err != nil {
		return fmt.Errorf("find what differs: %w", err)
	}
	return s.state.write(ctx, s.c.db, func(ctx context.Context, tx writer, _ changes) error {
		s.state.agreed = s.state.agreed || !f.more
		s.state.version = max(s.state.version, server.version)
		for part := range slices.Chunk(f.missing, page) {
			if err := s.again(ctx, tx, part); err != nil {
				return err
			}
		}
		return nil
	})
}

// again gives rows new versions, so that they are uploaded.
func (s *stepping) again(ctx context.Context, tx writer, list []print) error {
	positions, wanted := make([]position, len(list)), make(map[print]bool, len(list))
	for i, one := range list {
		positions[i], wanted[one] = one.pos, true
	}
	there, err := s.state.at(ctx, tx, positions)
	if err != nil {
		return err
	}
	var fresh []stored
	for _, one := range there {
		if one.live() && wanted[one.print] {
			s.state.version++
			one.version = s.state.version
			fresh = append(fresh, one)
		}
	}
	return s.state.keep(ctx, tx, fresh, false)
}

// drop deletes rows of the server's that we do not have. One that we have, with other
// values, is uploaded instead.
func (s *stepping) drop(ctx context.Context, keys []string) error {
	for part := range slices.Chunk(keys, page) {
		positions := make([]position, 0, len(part))
		names := make([]string, 0, len(part))
		for _, text := range part {
			key, err := s.local.mark.shape.parseKey(text)
			if err != nil {
				return err
			}
			pos, name := s.local.mark.find(key)
			positions, names = append(positions, pos), append(names, name)
		}
		ours, err := s.state.at(ctx, s.c.db, positions)
		if err != nil {
			return err
		}
		names = slices.DeleteFunc(names, func(name string) bool {
			one, ok := ours[name]
			return ok && one.live()
		})
		if len(names) == 0 {
			continue
		}
		if _, err := s.remote.removeKeys(ctx, names); err != nil {
			return err
		}
		s.result.Removed += len(names)
	}
	return nil
}
