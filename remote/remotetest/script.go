package remotetest

import "time"

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
func (s *Server) Script(steps ...Fault) {
	var script []*step
	for _, f := range steps {
		if f.Times == 0 {
			f.Times = 1
		}
		script = append(script, &step{Fault: f})
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.scripts = append(s.scripts, script)
}

// ClearFaults forgets the faults that have not hit.
func (s *Server) ClearFaults() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.scripts = nil
}

// step is a fault of a script, and what it has done.
type step struct {
	Fault
	until time.Time // the end of For, zero before it first hit
}

// over says whether a step has done all it does.
func (f *step) over(at time.Time) bool {
	if f.For > 0 {
		return !f.until.IsZero() && !at.Before(f.until)
	}
	return f.Times == 0
}

// takeFault is the fault that hits a request, the zero Fault where none does.
// Fresh says that the request is the first of its connection.
func (s *Server) takeFault(req Request, fresh bool) Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, script := range s.scripts {
		for len(script) > 0 && script[0].over(req.At) {
			script = script[1:]
		}
		s.scripts[i] = script
		if len(script) == 0 || !script[0].hits(req) {
			continue
		}
		f := script[0]
		switch {
		case f.For > 0 && f.until.IsZero():
			f.until = req.At.Add(f.For)
		case f.For == 0 && f.Times > 0 && (fresh || !f.Reset):
			f.Times--
		}
		return f.Fault
	}
	return Fault{}
}

func (f *Fault) hits(req Request) bool {
	return (f.Collection == "" || f.Collection == req.Collection) &&
		(f.Page == 0 || f.Page == req.Page) &&
		(f.Token == "" || f.Token == req.Token)
}
