package remotetest

import (
	"sync"
	"time"
)

// Fault scripts a fault. Where several hit a request, the one scripted first
// does, and the others wait.
func (s *Server) Fault(f Fault) { s.Script(f) }

// Script scripts faults one after the other: each waits until the one before has
// done all it does. One that does nothing lets requests through.
//
//	srv.Script(
//		remotetest.Fault{Page: 3, ResetAfter: 10_000},
//		remotetest.Fault{Status: 429, RetryAfter: 2 * time.Second, For: 2 * time.Second},
//	)
func (s *Server) Script(steps ...Fault) { s.faults.add(steps) }

// ClearFaults forgets the faults that have not hit.
func (s *Server) ClearFaults() { s.faults.clear() }

// faults are the scripts of a server.
type faults struct {
	mu      sync.Mutex
	scripts [][]*step
}

// add adds a script.
func (f *faults) add(steps []Fault) {
	var script []*step
	for _, s := range steps {
		if s.Times == 0 {
			s.Times = 1
		}
		script = append(script, &step{Fault: s})
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.scripts = append(f.scripts, script)
}

// clear forgets all scripts.
func (f *faults) clear() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.scripts = nil
}

// take returns the fault that hits a request, the zero Fault where none does. Fresh
// means that the request is the first of its connection.
func (f *faults) take(req Request, fresh bool) Fault {
	f.mu.Lock()
	defer f.mu.Unlock()
	for i, script := range f.scripts {
		for len(script) > 0 && script[0].over(req.At) {
			script = script[1:]
		}
		f.scripts[i] = script
		if len(script) == 0 || !script[0].hits(req) {
			continue
		}
		s := script[0]
		switch {
		case s.For > 0 && s.until.IsZero():
			s.until = req.At.Add(s.For)
		case s.For == 0 && s.Times > 0 && (fresh || !s.Reset):
			s.Times--
		}
		return s.Fault
	}
	return Fault{}
}

// step is a fault of a script, and what it has done.
type step struct {
	Fault
	until time.Time // the end of For, zero before it first hit
}

// over reports whether a step has done all it does.
func (f *step) over(at time.Time) bool {
	if f.For > 0 {
		return !f.until.IsZero() && !at.Before(f.until)
	}
	return f.Times == 0
}

// hits reports whether the fault is for a request.
func (f *Fault) hits(req Request) bool {
	return (f.Collection == "" || f.Collection == req.Collection) &&
		(f.Page == 0 || f.Page == req.Page) &&
		(f.Token == "" || f.Token == req.Token)
}
