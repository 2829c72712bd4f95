package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"time"
)

// The contenders.
const (
	limit = "limit" // what the database does at most
	hand  = "hand"  // a sync as people write it
	ours  = "ours"

	careful = "careful" // one statement a page
	gormORM = "gorm"
	bunORM  = "bun"
)

// peers are what people write or pick in place of this library.
var peers = []string{hand, careful, gormORM, bunORM}

// scenario is one measurement.
type scenario struct {
	name, contender, title string
	variant                int
}

// scenarios are in the order in which they run: each finds the table as the one
// before it of the same contender has left it.
var scenarios = []scenario{
	{"first", ours, "first full sync", base},
	{"first", limit, "", base},
	{"first", hand, "", base},
	{"first", careful, "", base},
	{"first", gormORM, "", base},
	{"first", bunORM, "", base},
	{"unchanged", hand, "", base},
	{"unchanged", careful, "", base},
	{"unchanged", gormORM, "", base},
	{"unchanged", bunORM, "", base},
	{"unchanged", ours, "full sync, nothing changed", base},
	{"check", ours, "check, nothing differs", base},
	{"changed", hand, "", touched},
	{"changed", careful, "", touched},
	{"changed", gormORM, "", touched},
	{"changed", bunORM, "", touched},
	{"changed", ours, "full sync, 1 % changed and 0.1 % gone", moved},
	{"check-off", ours, "check, 1 % differs", base},
	{"since", ours, "updated_since, 1 % changed", later},
	{"removal", ours, "full sync, 1 % gone", fewer},
}

// shown sorts scenarios for people: those of a name together, the limit first.
func shown(list []scenario) []scenario {
	order := []string{"first", "unchanged", "changed", "since", "removal", "check", "check-off", limit, hand, gormORM, bunORM, careful, ours}
	place := func(s scenario) [2]int {
		return [2]int{slices.Index(order, s.name), slices.Index(order, s.contender)}
	}
	return slices.SortedFunc(slices.Values(list), func(a, b scenario) int {
		x, y := place(a), place(b)
		return slices.Compare(x[:], y[:])
	})
}

// names are the scenarios of this library.
func names() []string {
	var list []string
	for _, s := range scenarios {
		if s.contender == ours {
			list = append(list, s.name)
		}
	}
	return list
}

// job is what one process measures.
type job struct {
	Options                        options
	Store, Name, Contender, Server string
	Variant                        int
	Folder                         string // of the SQLite files
}

// measurement is what came of it.
type measurement struct {
	Records  int // that the remote listed, or that were written
	Seconds  float64
	CPU      time.Duration // of the client
	Requests int
	Bytes    int64 // of the answers
	Peak     int64 // resident memory
	Allocs   uint64
	Written  int64 // WAL
}

// child is the process of one measurement: it reads a job and writes what came
// of it.
func child(ctx context.Context, in io.Reader, w io.Writer) error {
	var j job
	if err := json.NewDecoder(in).Decode(&j); err != nil {
		return err
	}
	var m measurement
	var err error
	switch j.Options.Shape {
	case "small":
		m, err = perform[Small](ctx, j)
	case "wide":
		m, err = perform[Wide](ctx, j)
	case "numeric":
		m, err = perform[Numeric](ctx, j)
	case "members":
		m, err = perform[Members](ctx, j)
	case "nested":
		m, err = perform[House](ctx, j)
	case "translated":
		m, err = perform[Notice](ctx, j)
	default:
		m, err = perform[Rental](ctx, j)
	}
	if err != nil {
		return fmt.Errorf("%s: %s, %s: %w", j.Store, j.Name, j.Contender, err)
	}
	return json.NewEncoder(w).Encode(m)
}

// perform prepares a database, measures, and leaves the database for the next.
func perform[T any](ctx context.Context, j job) (measurement, error) {
	db, err := open[T](ctx, j)
	if err != nil {
		return measurement{}, err
	}
	defer db.close()
	var run func(ctx context.Context) (measurement, error)
	switch j.Contender {
	case ours:
		run, err = oursOf[T](db, j)
	case hand:
		run, err = handOf[T](ctx, db, j)
	case careful:
		run, err = carefulOf[T](ctx, db, j)
	case gormORM:
		run, err = gormOf(db, j)
	case bunORM:
		run, err = bunOf(db, j)
	default:
		run, err = limitOf(ctx, db, j)
	}
	if err != nil {
		return measurement{}, err
	}
	if err := db.settle(ctx); err != nil {
		return measurement{}, err
	}
	log, err := db.logged(ctx)
	if err != nil {
		return measurement{}, err
	}
	before := begin()
	m, err := run(ctx)
	after := used()
	m.Peak = peak()
	if err != nil {
		return m, err
	}
	if db.fresh && j.Contender == ours {
		if err := db.crowd(ctx, j.Options.Scopes); err != nil {
			return m, err
		}
	}
	if m.Seconds == 0 { // the limit measures itself
		m.Seconds = after.at.Sub(before.at).Seconds()
	}
	m.CPU, m.Allocs = after.cpu-before.cpu, after.allocs-before.allocs
	end, err := db.logged(ctx)
	m.Written = end - log
	return m, err
}
