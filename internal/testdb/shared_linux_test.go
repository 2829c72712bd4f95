package testdb

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// The processes of one go command share a server, which lives as long as the command, or the last of them.
func TestTheServerOfAGoCommand(t *testing.T) {
	t.Parallel()

	// A script whose name is go passes for the command. The first processes start at once, the last when others are gone.
	command := filepath.Join(t.TempDir(), "go")
	require.NoError(t, os.WriteFile(command, []byte(`#!/bin/sh
SYNCED_TESTDB_CHILD=returns "$TEST" -test.run='^TestChild$' &
SYNCED_TESTDB_CHILD=exits "$TEST" -test.run='^TestChild$' &
wait
sleep 0.5
"$TEST" -test.run='^TestChild$'
`), 0o755))
	for _, last := range []string{"returns", "is killed"} {
		t.Run(last, func(t *testing.T) {
			t.Parallel()
			if _, err := binaries(); err != nil {
				t.Skip(err)
			}
			cmd := exec.Command(command)
			cmd.Env = slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, Variable+"=") })
			cmd.Env = append(cmd.Env, "TEST="+os.Args[0], childVariable+"="+last)
			out, err := cmd.StdoutPipe()
			require.NoError(t, err)
			cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
			require.NoError(t, cmd.Start())
			t.Cleanup(func() { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) })
			lines := bufio.NewScanner(out)
			server := serverOf(t, lines)
			require.Equal(t, server, serverOf(t, lines))
			require.Equal(t, server, serverOf(t, lines), "it stays between processes")
			if last == "is killed" {
				require.NoError(t, cmd.Process.Kill())
				require.True(t, alive(server), "it has a user yet")
				require.NoError(t, syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL))
			}
			_ = cmd.Wait()
			require.Eventually(t, func() bool { return !alive(server) && len(foldersOf(cmd)) == 0 }, patience, 10*time.Millisecond)
		})
	}
}
