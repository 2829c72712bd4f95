//go:build unix

package testdb

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// childVariable makes TestChild, in a second process of this test binary, use a server and end as the value says.
const childVariable = "SYNCED_TESTDB_CHILD"

func TestChild(t *testing.T) {
	how := os.Getenv(childVariable)
	if how == "" {
		t.Skip("runs only as the child of another test")
	}
	var server int
	err := Postgres(t).QueryRow(t.Context(), `SELECT split_part(pg_read_file('postmaster.pid'), E'\n', 1)::int`).Scan(&server)
	require.NoError(t, err)
	fmt.Println("\nserver", server)
	switch how {
	case "exits":
		os.Exit(3)
	case "panics":
		panic("as told")
	case "is killed":
		time.Sleep(time.Hour)
	}
}

func TestNoServerOutlivesAProcessThat(t *testing.T) {
	t.Parallel()

	for _, how := range []string{"returns", "exits", "panics", "is killed"} {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			child := childThat(t, how)
			out, err := child.StdoutPipe()
			require.NoError(t, err)
			require.NoError(t, child.Start())

			server := serverOf(t, bufio.NewScanner(out))
			if how == "is killed" {
				require.True(t, alive(server))
				require.NoError(t, child.Process.Kill())
			}
			_, _ = io.Copy(io.Discard, out)
			err = child.Wait()

			if how == "returns" {
				require.NoError(t, err)
				require.False(t, alive(server), "Main waits for the server")
				require.Empty(t, foldersOf(child))
			}
			require.Eventually(t, func() bool { return !alive(server) }, patience, 10*time.Millisecond)
			require.Eventually(t, func() bool { return len(foldersOf(child)) == 0 }, patience, 10*time.Millisecond)
		})
	}
}

// A server that is only being made is the hard case: it may not listen to signals yet. Its folder goes after it has ended.
func TestNoServerOutlivesAProcessThatIsKilledWhileItStarts(t *testing.T) {
	t.Parallel()

	for _, after := range []time.Duration{50, 200, 400, 600} {
		child := childThat(t, "is killed")
		child.Env = append(child.Env, templateVariable+"=") // so that it has much to do
		require.NoError(t, child.Start())
		time.Sleep(after * time.Millisecond)
		require.NoError(t, child.Process.Kill())
		_ = child.Wait()
		require.Eventually(t, func() bool { return len(foldersOf(child)) == 0 }, patience, 10*time.Millisecond, after)
	}
}

func TestAServerThatCannotStartSaysWhy(t *testing.T) {
	t.Parallel()

	_, err := startClusterOf("/nowhere", "")
	require.ErrorContains(t, err, "start: the server ended at once: ")
	require.ErrorContains(t, err, "/nowhere/initdb")
}

func childThat(t *testing.T, how string) *exec.Cmd {
	t.Helper()
	if _, err := binaries(); err != nil {
		t.Skip(err)
	}
	child := exec.Command(os.Args[0], "-test.run=^TestChild$")
	child.Env = slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, Variable+"=") })
	serverURL(t) // whose files the child's server is made from
	child.Env = append(child.Env, childVariable+"="+how, templateVariable+"="+template())
	t.Cleanup(func() {
		if child.ProcessState == nil && child.Process != nil {
			_ = child.Process.Kill()
			_ = child.Wait()
		}
	})
	return child
}

// serverOf reads the next server that is named. Give it one scanner of an output: a line
// that another has read already does not come again.
func serverOf(t *testing.T, lines *bufio.Scanner) int {
	t.Helper()
	var seen []string
	for lines.Scan() {
		var server int
		if _, err := fmt.Sscanf(lines.Text(), "server %d", &server); err == nil {
			return server
		}
		seen = append(seen, lines.Text())
	}
	require.FailNow(t, "the child named no server", strings.Join(seen, "\n"))
	return 0
}

func alive(pid int) bool {
	err := syscall.Kill(pid, 0)
	return err == nil || err == syscall.EPERM
}

// folders is where servers live. To find out runs a program, too much for each look of a test that waits.
var folders = sync.OnceValue(func() string {
	owner, _ := unprivileged()
	return parent(owner)
})

func foldersOf(child *exec.Cmd) []string {
	found, _ := filepath.Glob(filepath.Join(folders(), fmt.Sprintf("synced-pg-%d-*", child.Process.Pid)))
	return found
}
