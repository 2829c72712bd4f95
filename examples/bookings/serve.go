package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/schedule"
	"github.com/syncedgo/synced/schedule/river"
)

// settings are those of the schedule. Alerts go to out; a service tells its people.
func (s *service) settings(out io.Writer) schedule.Options {
	return schedule.Options{Workers: 8, Alert: func(_ context.Context, a schedule.Alert) error {
		_, err := fmt.Fprintln(out, "alert:", a)
		return err
	}}
}

// serve runs the schedule, and listens, until ctx ends. What runs then ends at its next
// page.
func (s *service) serve(ctx context.Context, out io.Writer, o options) error {
	if o.river && s.pool == nil {
		return errors.New("-river needs a queue in PostgreSQL: give -database postgres://…")
	}
	if err := s.migrate(ctx); err != nil {
		return err
	}
	entries, err := s.entries(ctx)
	if err != nil {
		return err
	}
	plan, err := schedule.New(ctx, s.db, s.settings(out), entries...)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", o.listen)
	if err != nil {
		return err
	}
	// Calls from handlers end with the service.
	server := &http.Server{Handler: s.routes(), ReadHeaderTimeout: 5 * time.Second, BaseContext: func(net.Listener) context.Context { return ctx }}
	go func() { _ = server.Serve(listener) }() // until Shutdown
	fmt.Fprintf(out, "serving http://%s/health, and POST /webhooks/bookings\n", listener.Addr())
	if s.fake != nil {
		stop := s.fake.live()
		defer stop()
	}
	if o.river {
		if err = river.Migrate(ctx, s.pool, river.Options{}); err == nil {
			err = river.Run(ctx, plan, s.pool, river.Options{})
		}
	} else {
		err = plan.Run(ctx)
	}
	ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		err = nil // it was told to stop
	}
	return errors.Join(err, server.Shutdown(ending))
}

func (s *service) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /health", s.health)
	mux.HandleFunc("POST /webhooks/bookings", s.webhook)
	return mux
}

// health is 503 while a model of an account is out of date.
func (s *service) health(w http.ResponseWriter, r *http.Request) {
	stale := 0
	for scope, err := range synced.Stale(r.Context(), s.db, 15*time.Minute) {
		if err != nil {
			http.Error(w, "the database does not answer", http.StatusServiceUnavailable)
			return
		}
		stale++
		defer fmt.Fprintln(w, "stale:", scope.Model, scope.Scope)
	}
	if stale > 0 {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	fmt.Fprintln(w, "in step")
}

// webhook brings one booking in step. A real one checks the sender's signature first.
func (s *service) webhook(w http.ResponseWriter, r *http.Request) {
	var hint struct {
		Account int64       `json:"account_id"`
		ID      json.Number `json:"id"`
	}
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<16)).Decode(&hint); err != nil {
		http.Error(w, "not understood: want {\"account_id\": 1, \"id\": 101}", http.StatusBadRequest)
		return
	}
	result, err := s.bookings.SyncOne(r.Context(), synced.In(hint.Account), hint.ID)
	if err != nil {
		http.Error(w, "not done; the schedule does it later", http.StatusServiceUnavailable)
		return
	}
	fmt.Fprintln(w, result)
}
