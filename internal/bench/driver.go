package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// key says whose measurements.
type key struct{ store, name, contender string }

// results are the measurements, a round each.
type results map[key][]measurement

// drive measures everything, and writes what came of it.
func drive(ctx context.Context, o options, w io.Writer) error {
	if len(o.Growth) > 0 {
		return grow(ctx, o, w)
	}
	all, err := measure(ctx, o)
	if err != nil {
		return err
	}
	if err := write(o, all, w); err != nil {
		return err
	}
	return all.hold(o)
}

// measure starts the server, and measures everything in rounds.
func measure(ctx context.Context, o options) (all results, err error) {
	base, stop, err := startServer(ctx, o)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, stop()) }()
	folder, err := os.MkdirTemp("", "synced-bench-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	if slices.Contains(o.Stores, "postgres") {
		defer func() { err = errors.Join(err, drop(context.WithoutCancel(ctx), o.Database)) }()
	}
	all = results{}
	for round := range o.Rounds {
		for _, s := range o.scenarios() {
			for _, store := range o.Stores {
				j := job{Options: o, Store: store, Name: s.name, Contender: s.contender, Server: base, Variant: s.variant, Folder: folder}
				m, err := inProcess(ctx, j)
				if err != nil {
					return nil, err
				}
				k := key{store, s.name, s.contender}
				all[k] = append(all[k], m)
				fmt.Fprintf(os.Stderr, "round %d: %-8s %-9s %-7s %9.0f records/s, %.3f s\n", round+1, store, s.name, s.contender, m.rate(), m.Seconds)
			}
		}
	}
	return all, nil
}

// scenarios are those that were asked for, and those that they need.
func (o options) scenarios() []scenario {
	all := slices.Clone(scenarios)
	if len(o.Peers) == 0 {
		all = slices.DeleteFunc(all, func(s scenario) bool { return s.contender != ours })
	}
	all = slices.DeleteFunc(all, func(s scenario) bool {
		return slices.Contains(peers, s.contender) && !slices.Contains(o.Peers, s.contender)
	})
	if o.Shape != "rental" { // the models of ORMs are of rentals
		all = slices.DeleteFunc(all, func(s scenario) bool { return s.contender == gormORM || s.contender == bunORM })
	}
	if len(o.Only) == 0 {
		return all
	}
	last := map[string]int{}
	for i, s := range all {
		if slices.Contains(o.Only, s.name) {
			last[s.contender] = i
			last[ours] = max(last[ours], 0)
		}
	}
	var list []scenario
	for i, s := range all {
		end, some := last[s.contender]
		// A check changes nothing, and neither does a run that finds nothing to do.
		idle := s.name == "check" || s.name == "check-off" || s.name == "unchanged"
		if some && i <= end && (!idle || slices.Contains(o.Only, s.name)) {
			list = append(list, s)
		}
	}
	return list
}

// inProcess measures in a process of its own.
func inProcess(ctx context.Context, j job) (m measurement, err error) {
	cmd, err := self(ctx, "measure")
	if err != nil {
		return m, err
	}
	input, err := json.Marshal(j)
	if err != nil {
		return m, err
	}
	var output bytes.Buffer
	cmd.Stdin, cmd.Stdout = bytes.NewReader(input), &output
	cmd.WaitDelay = 10 * time.Second
	if err := cmd.Run(); err != nil {
		return m, fmt.Errorf("%s: %s, %s: %w", j.Store, j.Name, j.Contender, err)
	}
	return m, json.Unmarshal(output.Bytes(), &m)
}

// write prints the table, and with -out writes it and the plots to the folder.
func write(o options, all results, w io.Writer) error {
	text := table(o, all)
	if _, err := io.WriteString(w, text); err != nil || o.Out == "" {
		return err
	}
	if err := os.MkdirAll(o.Out, 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(o.Out, "bench.md"), []byte(text), 0o644); err != nil {
		return err
	}
	for _, store := range o.Stores {
		if err := plot(filepath.Join(o.Out, store+".svg"), store, all); err != nil {
			return err
		}
	}
	return nil
}

// least is the ratio that is wanted, 0 where none is. That to the hand-written sync needs no
// name of it.
func (o options) least(store, name, contender string) float64 {
	names := []string{store + "." + name + "/" + contender, name + "/" + contender}
	if contender == hand {
		names = append(names, store+"."+name, name)
	}
	for _, name := range names {
		if least, ok := o.MinRatio[name]; ok {
			return least
		}
	}
	return 0
}

// hold says which ratios are below what -min-ratio wants.
func (all results) hold(o options) error {
	var below []error
	for _, store := range o.Stores {
		for _, name := range names() {
			for _, contender := range peers {
				least := o.least(store, name, contender)
				ratio := all.ratio(store, name, contender)
				if ratio != (spread{}) && ratio.middle < least {
					below = append(below, fmt.Errorf("%s, %s: %.1f times the %s sync, want %.1f at least", store, name, ratio.middle, contender, least))
				}
			}
		}
	}
	return errors.Join(below...)
}
