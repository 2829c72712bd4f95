package postgres

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/sqlstore"
	"github.com/syncedgo/synced/store"
)

// patience limits the statements of a session. They do not end with the caller's
// context, because pgx would close the connection and with it all locks.
const patience = 10 * time.Second

// ending is the least time to wait for a lock that has no holder, but that a
// transaction still relies on: that of a run that was canceled or killed, which the
// server is about to roll back.
const ending = time.Second

// linger is how long the connection stays open when it has no locks: opening one is
// most of the time of a run that finds nothing new, and another run often follows.
const linger = 500 * time.Millisecond

var errEnding = fmt.Errorf("%w, whose transaction has not ended", store.ErrLocked)

// session is a connection that has locks.
type session struct {
	sql *lockSQL
	// open returns the connection. own reports whether it is ours to close.
	open func(ctx context.Context) (lockConn, error)
	own  bool
	// waiting are those in Lock.
	waiting atomic.Int64
	// turn is held by whoever uses what follows.
	turn chan struct{}
	conn lockConn
	// closing closes the connection, if it is unused.
	closing *time.Timer
	// names are those locked here, which the database would lock twice, with their
	// tokens.
	names map[string]int64
}

func newSession(sql *lockSQL, open func(context.Context) (lockConn, error), own bool) *session {
	return &session{sql: sql, open: open, own: own, turn: make(chan struct{}, 1), names: map[string]int64{}}
}

// Lock takes a lock, and keeps the connection while it waits.
func (s *session) Lock(ctx context.Context, name string, wait time.Duration) (backend.Lock, error) {
	s.waiting.Add(1)
	defer func() {
		s.waiting.Add(-1)
		_ = s.use(context.WithoutCancel(ctx), s.closeLater)
	}()
	taken, err := sqlstore.Wait(ctx, name, wait, s.try)
	if errors.Is(err, errEnding) {
		return sqlstore.Wait(ctx, name, max(0, ending-wait), s.try)
	}
	return taken, err
}

// use calls do when it is its turn.
func (s *session) use(ctx context.Context, do func(ctx context.Context) error) error {
	select {
	case s.turn <- struct{}{}:
		defer func() { <-s.turn }()
	case <-ctx.Done():
		return ctx.Err()
	}
	return do(ctx)
}

func (s *session) try(ctx context.Context, name string) (taken backend.Lock, err error) {
	err = s.use(ctx, func(ctx context.Context) error {
		if _, mine := s.names[name]; mine {
			return store.ErrLocked
		}
		old := s.conn
		if taken, err = s.take(ctx, name); s.own && old.Conn != nil && s.conn == old && old.IsClosed() {
			// It was closed some time ago, and only now that is seen.
			taken, err = s.take(ctx, name)
		}
		return err
	})
	return taken, err
}

// connect makes sure that there is a connection.
func (s *session) connect(ctx context.Context) error {
	if s.conn.Conn != nil {
		if !s.conn.IsClosed() {
			return nil
		}
		s.conn.gone()
	}
	conn, err := s.open(ctx)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	if err := prepare(ctx, conn.Conn, s.own); err != nil {
		if s.own {
			_ = conn.Close(ctx)
		}
		return err
	}
	s.conn = conn
	return nil
}

func (s *session) take(ctx context.Context, name string) (backend.Lock, error) {
	if err := s.connect(ctx); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	conn := s.conn.Conn
	var got bool
	var noted *int64
	switch err := conn.QueryRow(ctx, s.sql.try, name).Scan(&got, &noted); {
	case err != nil:
		return nil, errors.Join(err, s.unlock(ctx, conn, name))
	case !got:
		return nil, store.ErrLocked
	case noted == nil:
		return nil, errors.Join(errEnding, s.unlock(ctx, conn, name))
	}
	token := *noted
	s.names[name] = token
	return &lock{sql: s.sql, name: name, token: token, unlock: func(ctx context.Context) error { return s.release(ctx, conn, name, token) }}, nil
}

// release gives a lock back that was taken on conn.
func (s *session) release(ctx context.Context, conn *pgx.Conn, name string, token int64) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 3*patience)
	defer cancel()
	return s.use(ctx, func(ctx context.Context) error {
		if s.names[name] != token {
			return nil
		}
		if err := s.unlock(ctx, conn, name); err != nil {
			return err
		}
		delete(s.names, name)
		return s.closeLater(ctx)
	})
}

// unlock gives a lock back before the connection is closed, because the server
// would see that only later.
func (s *session) unlock(ctx context.Context, conn *pgx.Conn, name string) error {
	if conn.IsClosed() {
		return nil
	}
	_, err := conn.Exec(ctx, s.sql.unlock, name)
	if conn.IsClosed() {
		return nil // and so is the lock gone
	}
	return err
}

// closeLater closes the connection in a while, if it is not used until then.
func (s *session) closeLater(context.Context) error {
	if s.own && s.conn.Conn != nil {
		if s.closing != nil {
			s.closing.Stop()
		}
		s.closing = time.AfterFunc(linger, func() { _ = s.use(context.Background(), s.closeUnused) })
	}
	return nil
}

// closeUnused closes the connection when it has no locks and no run waits for one.
func (s *session) closeUnused(ctx context.Context) error {
	if s.conn.Conn == nil || len(s.names) > 0 || s.waiting.Load() > 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	_ = s.conn.Close(ctx) // an error means that it was closed already
	s.conn = lockConn{}
	return nil
}

// errPooler is the error of a connection that has no server process to itself.
var errPooler = errors.New("the connection is a pooler's, which may give its session to others: make the store of a pool")

// prepare makes sure that a connection can hold locks. If it is ours, it
// also stays open while idle, and the server notices within half a minute when
// this host is gone.
func prepare(ctx context.Context, conn *pgx.Conn, own bool) error {
	var pid uint32
	if err := conn.QueryRow(ctx, "SELECT pg_backend_pid()").Scan(&pid); err != nil {
		return err
	}
	if pid != conn.PgConn().PID() {
		return errPooler
	}
	if !own {
		return nil
	}
	_, err := conn.Exec(ctx, `SELECT set_config(s.name, v.value, false) FROM pg_settings s JOIN (VALUES
		('application_name', 'synced locks'), ('idle_session_timeout', '0'), ('lock_timeout', '5000'), ('default_transaction_isolation', 'read committed'),
		('tcp_keepalives_idle', '15'), ('tcp_keepalives_interval', '5'), ('tcp_keepalives_count', '3')
	) AS v(name, value) ON s.name = v.name`)
	return err
}
