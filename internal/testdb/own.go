package testdb

import (
	"errors"
	"sync"
	"testing"
)

// Server is a throwaway PostgreSQL server of a test's own, which may be stopped while it is used.
type Server struct {
	t       testing.TB
	cluster *cluster
	mu      sync.Mutex // held while the server stops or starts
}

// OwnServer starts a server that is stopped when the test ends. Without an installed PostgreSQL the test is skipped, or
// fails on CI, also where [Variable] names a server: that one is not to be stopped.
func OwnServer(t testing.TB) *Server {
	t.Helper()
	// Without it the server would lose what it committed in its last moments.
	c, err := startCluster(template(), "-c", "synchronous_commit=on")
	switch {
	case errors.Is(err, errNoServer) && !onCI():
		t.Skip("testdb:", err)
	case err != nil:
		t.Fatal("testdb:", err)
	}
	t.Cleanup(func() {
		if err := c.stop(); err != nil {
			t.Error("testdb: stop:", err)
		}
	})
	return &Server{t: t, cluster: c}
}

// URL is that of the server's only database.
func (s *Server) URL() string { return s.cluster.url() }

// Crash stops the server at once, as `pg_ctl stop -m immediate` does, and returns when it is gone. It may be called by
// another goroutine than the test's; Restart waits for it.
func (s *Server) Crash() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.cluster.crash(); err != nil {
		s.t.Error("testdb: crash:", err)
	}
}

// Restart starts the server again, and returns when it answers.
func (s *Server) Restart() {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.cluster.restart(); err != nil {
		s.t.Fatal("testdb: restart:", err)
	}
}
