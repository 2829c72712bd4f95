package breaking_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/ncruces/go-sqlite3"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/remote/rest"
	"github.com/syncedgo/synced/remote/wire"
	"github.com/syncedgo/synced/store/postgres"
	"github.com/syncedgo/synced/store/sqlite"
)

// taskVariable makes this test binary run the program instead of the tests.
const taskVariable = "SYNCED_BREAKING"

// task is what the program does, in JSON.
type task struct {
	settings
	// Store is sqlite or postgres, and Database its file or URL.
	Store, Database string
	API, Token      string
	// Files is the host of the API's exports.
	Files string
	Scope int64
	// Create makes the tables first.
	Create bool
	// Event kills the process where a statement begins or ends, counted from 1,
	// and Micros microseconds later. 0 is never.
	Event, Micros int64
	// Run numbers the processes: requests of one that is gone may still arrive.
	Run int
}

// runHeader is what requests tell their task.Run by.
const runHeader = "X-Run"

// outcome is what the program prints when it was not killed.
type outcome struct {
	Events  int64
	Result  string
	Resumed bool
	Error   string
}

// program runs a task in a process of its own, and returns its exit code.
func program(text string) int {
	var t task
	if err := json.Unmarshal([]byte(text), &t); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 2
	}
	fmt.Println("begins")
	var o outcome
	code := 0
	result, err := t.run(context.Background())
	if o.Result, o.Resumed = result.String(), result.Resumed; err != nil {
		o.Error, code = err.Error(), 1
	}
	o.Events = events.Load()
	_ = json.NewEncoder(os.Stdout).Encode(o)
	return code
}

func (t task) run(ctx context.Context) (synced.Result, error) {
	db, done, err := t.open(ctx)
	if err != nil {
		return synced.Result{}, err
	}
	defer func() { _ = done() }()
	if t.Create {
		if err := create(ctx, db); err != nil {
			return synced.Result{}, err
		}
	}
	m, err := bind(db, t.settings)
	if err != nil {
		return synced.Result{}, err
	}
	api, err := rest.NewClient(t.config(rest.Config{BaseURL: t.API, Auth: wire.Bearer(t.Token), Header: http.Header{runHeader: {strconv.Itoa(t.Run)}}}, t.Files))
	if err != nil {
		return synced.Result{}, err
	}
	return m.Synchronize(ctx, synced.In(t.Scope), synced.Call{API: api})
}

// events counts where statements of transactions begin and end.
var events atomic.Int64

// event ends the process where it is told to, as kill -9 does.
func (t task) event() {
	if events.Add(1) != t.Event {
		return
	}
	self, err := os.FindProcess(os.Getpid())
	if err != nil {
		panic(err)
	}
	kill := func() { _ = self.Kill() }
	if t.Micros > 0 {
		time.AfterFunc(time.Duration(t.Micros)*time.Microsecond, kill)
		return
	}
	kill()
	select {} // it may take a moment
}

// open is open with the statements watched.
func (t task) open(ctx context.Context) (backend.Store, func() error, error) {
	return watched(ctx, t.Store, t.Database, t.event)
}

// watched is open with a function that is called where statements begin and end.
func watched(ctx context.Context, kind, address string, event func()) (backend.Store, func() error, error) {
	if kind == "postgres" {
		config, err := pgxpool.ParseConfig(address)
		if err != nil {
			return nil, nil, err
		}
		config.ConnConfig.Tracer = tracer(event)
		pool, err := pgxpool.NewWithConfig(ctx, config)
		if err != nil {
			return nil, nil, err
		}
		return postgres.New(pool, postgres.Options{}).Backend(), func() error { pool.Close(); return nil }, nil
	}
	db, err := sqlite.Open(ctx, address, sqlite.Options{})
	if err != nil {
		return nil, nil, err
	}
	conn, err := db.DB().Conn(ctx)
	if err != nil {
		return nil, nil, err
	}
	defer conn.Close()
	return db.Backend(), db.Close, conn.Raw(func(c any) error {
		return c.(interface{ Raw() *sqlite3.Conn }).Raw().Trace(sqlite3.TRACE_STMT|sqlite3.TRACE_PROFILE, func(sqlite3.TraceEvent, any, any) error {
			event()
			return nil
		})
	})
}

// tracer watches the statements of a pool.
type tracer func()

func (event tracer) TraceQueryStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceQueryStartData) context.Context {
	event()
	return ctx
}

func (event tracer) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) { event() }
