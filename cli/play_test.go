package cli

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/internal/testdb"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/schedule"
)

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		os.Exit(program())
	}
	os.Exit(testdb.Main(m))
}

// play is a service whose operator types commands.
type play struct {
	t        *testing.T
	b        *harness.Bundle
	registry Registry
	rentals  synced.Synced[harness.Rental]
	in       string
}

// played has rentals of accounts 1 and 2, as the remote has them.
func played(t *testing.T, b *harness.Bundle, change func(*synced.Synced[harness.Rental])) *play {
	t.Helper()
	p := &play{t: t, b: b, rentals: harness.Rentals()}
	p.rentals.APIFor = func(_ context.Context, scope synced.Scope) (remote.API, error) {
		return harness.Client(t, b.Server, token(scope.String())), nil
	}
	b.Server.Account(token("2")).Collection("rentals")
	if change != nil {
		change(&p.rentals)
	}
	p.registry = Registry{DB: b.DB, Schedule: schedule.Options{}, Models: func(ctx context.Context) ([]schedule.Entry, error) {
		if err := p.rentals.CreateTable(ctx, b.DB); err != nil {
			return nil, err
		}
		m, err := synced.New(ctx, b.DB, p.rentals)
		if err != nil {
			return nil, err
		}
		return []schedule.Entry{schedule.Every(m, time.Hour, schedule.Fixed(synced.In(1), synced.In(2)))}, nil
	}}
	return p
}

func token(account string) string { return "token-of-account-" + account }

// put gives an account's rentals names; the first one has the id 100 times the account.
func (p *play) put(account int, names ...string) {
	for i, name := range names {
		p.b.Server.Account(token(fmt.Sprint(account))).Collection("rentals").Put(remotetest.Record{"id": 100*account + i, "name": name})
	}
}

var took = regexp.MustCompile(`\d+(\.\d+)?(ms|s|µs)\)`)

// run types a command, two and a half hours from now, and returns all that it prints and its
// exit code. How long things took is left out.
func (p *play) run(args ...string) (string, int) {
	p.t.Helper()
	a := &app{&book{registry: p.registry}, &output{width: 80, now: func() time.Time { return time.Now().Add(150 * time.Minute) }}}
	cmd := a.command()
	cmd.SilenceErrors = true
	var out bytes.Buffer
	cmd.SetArgs(args)
	cmd.SetOut(&out)
	cmd.SetErr(&out)
	cmd.SetIn(strings.NewReader(p.in))
	err := cmd.ExecuteContext(p.t.Context())
	if err != nil {
		fmt.Fprintln(&out, "error:", err)
	}
	return took.ReplaceAllString(out.String(), "…)"), ExitCode(err)
}

// expect types a command, and compares what it prints line by line.
func (p *play) expect(code int, command string, lines ...string) {
	p.t.Helper()
	out, got := p.run(strings.Fields(command)...)
	require.Equal(p.t, lines, strings.Split(strings.TrimSuffix(out, "\n"), "\n"), command)
	require.Equal(p.t, code, got, command)
	for line := range strings.Lines(out) {
		if !strings.HasPrefix(line, "  synced ") { // a command is not cut
			require.LessOrEqual(p.t, len([]rune(line)), 81, "%s: %s", command, line)
		}
	}
}

// started runs "schedule start" until something is true.
func (p *play) started(until func() bool) {
	p.t.Helper()
	ctx, cancel := context.WithCancel(p.t.Context())
	a := &app{&book{registry: p.registry}, &output{now: time.Now}}
	cmd := a.command()
	cmd.SetArgs([]string{"schedule", "start"})
	cmd.SetErr(io.Discard)
	ended := make(chan error, 1)
	go func() { ended <- cmd.ExecuteContext(ctx) }()
	require.Eventually(p.t, until, harness.WaitLong, harness.WaitTick)
	cancel()
	require.NoError(p.t, <-ended)
}
