package cli

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/internal/testdb"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/remote/rest"
	"github.com/syncedgo/synced/remote/wire"
	"github.com/syncedgo/synced/schedule"
	"github.com/syncedgo/synced/store/sqlite"
)

// asProgram makes the test's binary a service's program: its file and the API's address.
const asProgram = "SYNCED_CLI_AS_PROGRAM"

func program() int {
	file, url, _ := strings.Cut(os.Getenv(asProgram), " ")
	ctx := context.Background()
	db, err := sqlite.Open(ctx, file, sqlite.Options{})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 9
	}
	defer db.Close()
	return Run(ctx, Registry{DB: db, Models: func(ctx context.Context) ([]schedule.Entry, error) {
		api, err := rest.NewClient(rest.Config{BaseURL: url, Auth: wire.Bearer(harness.Token), Pagination: rest.LinkHeader{Stable: true}})
		if err != nil {
			return nil, err
		}
		d := harness.Rentals()
		d.API, d.Commit = api, synced.PerPage{Checkpoint: time.Nanosecond}
		m, err := synced.New(ctx, db, d)
		return []schedule.Entry{schedule.Every(m, time.Hour, schedule.Fixed(synced.In(1)))}, err
	}})
}

// running starts the program. It returns what awaits its end.
func running(t *testing.T, file, url string, args ...string) (*exec.Cmd, *bufio.Reader, func() (string, int)) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], args...)
	cmd.Env = append(os.Environ(), asProgram+"="+file+" "+url)
	var out strings.Builder
	cmd.Stdout = &out
	errs, err := cmd.StderrPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	lines := bufio.NewReader(errs)
	return cmd, lines, func() (string, int) {
		rest, _ := lines.ReadString(0)
		_ = cmd.Wait() // the exit code tells
		return out.String() + rest, cmd.ProcessState.ExitCode()
	}
}

func TestContract_C262_CtrlC(t *testing.T) {
	t.Parallel()
	file := testdb.SQLite(t)
	db, err := sqlite.Open(t.Context(), file, sqlite.Options{})
	require.NoError(t, err)
	defer db.Close()
	require.NoError(t, db.Migrate(t.Context()))
	require.NoError(t, harness.Rentals().CreateTable(t.Context(), db))
	srv := remotetest.New(remotetest.Config{PerPage: 2, Token: harness.Token})
	defer srv.Close()
	for id := range 10 {
		srv.Collection("rentals").Put(remotetest.Record{"id": id + 1, "name": fmt.Sprint("rental ", id)})
	}
	asked, answer := make(chan struct{}, 9), make(chan struct{})
	srv.OnRequest(func(r remotetest.Request) {
		if r.Page >= 3 {
			asked <- struct{}{}
			<-answer
		}
	})

	// The first one stops at the page in hand.
	cmd, lines, end := running(t, file, srv.URL(), "sync")
	<-asked
	require.NoError(t, cmd.Process.Signal(os.Interrupt))
	said, err := lines.ReadString('\n')
	require.NoError(t, err)
	require.Equal(t, "stopping at the next page; once more cancels\n", said)
	answer <- struct{}{}
	out, code := end()
	require.Equal(t, 3, code, out)
	require.Contains(t, out, "stopped: ")
	require.Contains(t, out, "told to stop: 1 run stopped early, 0 not begun; run it again\n")
	var rows int
	require.NoError(t, db.DB().QueryRow("SELECT count(*) FROM rentals").Scan(&rows))
	require.Positive(t, rows)
	require.Less(t, rows, 10)

	// The second one cancels.
	cmd, lines, end = running(t, file, srv.URL(), "sync")
	<-asked
	require.NoError(t, cmd.Process.Signal(os.Interrupt))
	_, err = lines.ReadString('\n')
	require.NoError(t, err)
	require.NoError(t, cmd.Process.Signal(os.Interrupt))
	out, code = end()
	require.Equal(t, 2, code, out)
	require.Contains(t, out, "context canceled")
	close(answer)

	// The next run goes on where the first one stopped.
	_, _, end = running(t, file, srv.URL(), "sync")
	out, code = end()
	require.Equal(t, 0, code, out)
	require.Contains(t, out, "resumed")
	require.NoError(t, db.DB().QueryRow("SELECT count(*) FROM rentals").Scan(&rows))
	require.Equal(t, 10, rows)
}
