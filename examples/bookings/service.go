package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/otelsynced"
	"github.com/syncedgo/synced/remote/wire"
	"github.com/syncedgo/synced/store"
	"github.com/syncedgo/synced/store/postgres"
	"github.com/syncedgo/synced/store/sqlite"
)

var errNoAccount = errors.New("the service has no such account")

// service is what the program works with.
type service struct {
	db       store.Store
	pool     *pgxpool.Pool // nil on SQLite
	exec     func(ctx context.Context, statement string) error
	closers  []func() error
	fake     *bookingSystem // nil beside a real one
	api      string
	limiter  *wire.Limiter
	observer *otelsynced.Observer
	rentals  *synced.Model[Rental]
	bookings *synced.Model[Booking]
}

// open opens the database, and a fake where there is no API.
func open(ctx context.Context, o options) (*service, error) {
	s := &service{api: o.api, limiter: wire.NewLimiter(wire.LimiterConfig{PerSecond: 20})}
	if strings.HasPrefix(o.database, "postgres") {
		pool, err := pgxpool.New(ctx, o.database)
		if err != nil {
			return s, err
		}
		s.db, s.pool = postgres.New(pool, postgres.Options{}), pool
		s.exec = func(ctx context.Context, statement string) error { _, err := pool.Exec(ctx, statement); return err }
		s.closers = append(s.closers, func() error { pool.Close(); return nil })
	} else {
		db, err := sqlite.Open(ctx, o.database, sqlite.Options{})
		if err != nil {
			return s, err
		}
		s.db = db
		s.exec = func(ctx context.Context, statement string) error {
			_, err := db.DB().ExecContext(ctx, statement)
			return err
		}
		s.closers = append(s.closers, db.Close)
	}
	if s.api == "" {
		s.fake = newBookingSystem()
		s.api = s.fake.URL()
		s.closers = append(s.closers, func() error { s.fake.Close(); return nil })
	}
	var err error
	s.observer, err = otelsynced.New(otelsynced.Options{DB: s.db}) // to wherever OpenTelemetry is set up to send it
	if err == nil {
		s.closers = append(s.closers, s.observer.Close)
	}
	return s, err
}

func (s *service) close() error {
	var errs []error
	for i := len(s.closers) - 1; i >= 0; i-- {
		errs = append(errs, s.closers[i]())
	}
	s.closers = nil
	return errors.Join(errs...)
}

// migrate makes the tables. A service that has migrations puts what "ops schema" and
// "ops migrate --dir" print among them.
func (s *service) migrate(ctx context.Context) error {
	if err := s.db.Migrate(ctx); err != nil {
		return err
	}
	if err := s.exec(ctx, "CREATE TABLE IF NOT EXISTS accounts (id bigint PRIMARY KEY, token text NOT NULL)"); err != nil {
		return err
	}
	for id, token := range tokens {
		statement := fmt.Sprintf("INSERT INTO accounts (id, token) VALUES (%d, '%s') ON CONFLICT DO NOTHING", id, token)
		if err := s.exec(ctx, statement); err != nil {
			return err
		}
	}
	return errors.Join(s.rental().CreateTable(ctx, s.db), s.booking(nil).CreateTable(ctx, s.db))
}
