// Package testdb gives each test its own empty database: PostgreSQL from a throwaway server that starts on first use,
// SQLite as a file.
//
// On Linux all packages of one "go test" share the server, elsewhere each has its own. It ends with the last process that
// uses it and the go command, however they end, and leaves nothing behind. Its databases are made once, and emptied after
// each test, or made again as they were when they had been migrated.
//
// A package whose tests use PostgreSQL has
//
//	func TestMain(m *testing.M) { os.Exit(testdb.Main(m)) }
package testdb

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
)

// Variable names the environment variable whose URL makes tests use that PostgreSQL server (as a user who may create
// databases) instead of a throwaway one.
const Variable = "SYNCED_TEST_DATABASE_URL"

var errNoServer = errors.New("no PostgreSQL found: install it (Debian and Ubuntu: apt-get install postgresql; macOS: " +
	"brew install postgresql@17; `make test` does it for you), or set " + Variable)

// server is the one server of this test process.
var server struct {
	sync.Mutex
	started bool
	url     string
	err     error
	cluster *cluster // nil when the URL is somebody else's server

	databases databases
}

// Main runs the tests, stops the server and returns the exit code. Without it the server stops as well, only a moment
// after the process has ended.
func Main(m *testing.M) int {
	code := m.Run()
	if err := stop(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = max(code, 1)
	}
	return code
}

// Tests is a testing.M whose Run is Main, for a TestMain that does more: goleak.VerifyTestMain(testdb.Tests{M: m}).
type Tests struct{ *testing.M }

// Run runs the tests and stops the server.
func (t Tests) Run() int { return Main(t.M) }

// stop stops the throwaway server and removes its folder, unless others use it.
func stop() error {
	server.Lock()
	defer server.Unlock()
	c := server.cluster
	server.started, server.url, server.err, server.cluster = false, "", nil, nil
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	err := server.databases.close(ctx, c == nil)
	if c != nil {
		err = errors.Join(err, c.stop())
	}
	if err != nil {
		return fmt.Errorf("testdb: stop: %w", err)
	}
	return nil
}

// SQLite returns the path of a database file that does not exist yet, in a folder that goes away with the test.
func SQLite(t testing.TB) string {
	t.Helper()
	return filepath.Join(t.TempDir(), "test.db")
}

// serverURL starts the server on first use. A start that went wrong is not tried again: it would go wrong for each test.
func serverURL(t testing.TB) string {
	t.Helper()
	server.Lock()
	defer server.Unlock()
	if !server.started {
		server.started = true
		server.url, server.cluster, server.err = startServer()
		if errors.Is(server.err, errNoServer) && !onCI() {
			fmt.Fprintln(os.Stderr, "testdb: TESTS ARE SKIPPED:", server.err)
		}
	}
	switch {
	case server.err == nil:
		return server.url
	case errors.Is(server.err, errNoServer) && !onCI():
		t.Skip("testdb:", server.err)
	default:
		t.Fatal("testdb:", server.err)
	}
	return ""
}

// templateVariable names the environment variable of a folder that servers are made from.
const templateVariable = "SYNCED_TESTDB_TEMPLATE"

// template returns the folder that another server is made from: that of this process's shared server, or none.
func template() string {
	server.Lock()
	defer server.Unlock()
	if server.cluster != nil && server.cluster.shared {
		return filepath.Join(server.cluster.folder, "template")
	}
	return os.Getenv(templateVariable)
}

func startServer() (string, *cluster, error) {
	if url := os.Getenv(Variable); url != "" {
		return url, nil, nil
	}
	c, err := sharedCluster()
	if err != nil {
		return "", nil, err
	}
	return c.url(), c, nil
}

func onCI() bool {
	ci, err := strconv.ParseBool(os.Getenv("CI"))
	return ci && err == nil
}
