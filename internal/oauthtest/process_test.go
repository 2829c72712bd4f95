package oauthtest

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/remote/oauth"
)

// childVariable has what a process of TestProcesses is to do.
const childVariable = "SYNCED_OAUTH_CHILD"

type childConfig struct{ Kind, Address, URL string }

const goroutines = 20

// child asks for the token in 20 goroutines, once it is told to, and prints what
// it got.
func child() int {
	got, err := askAtOnce()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	_ = json.NewEncoder(os.Stdout).Encode(got)
	return 0
}

func askAtOnce() ([]string, error) {
	ctx := context.Background()
	var c childConfig
	if err := json.Unmarshal([]byte(os.Getenv(childVariable)), &c); err != nil {
		return nil, err
	}
	db, closeDB, err := open(ctx, c.Kind, c.Address)
	if err != nil {
		return nil, err
	}
	defer closeDB()
	tokens, err := oauth.New(db, oauth.Config{Key: key, Client: clientConfig(c.URL)})
	if err != nil {
		return nil, err
	}
	fmt.Println("ready")
	if _, err := io.ReadAll(os.Stdin); err != nil {
		return nil, err
	}
	got, errs := make([]string, goroutines), make([]error, goroutines)
	var wg sync.WaitGroup
	for i := range got {
		wg.Go(func() { got[i], errs[i] = header(ctx, tokens) })
	}
	wg.Wait()
	return got, errors.Join(errs...)
}

func TestProcesses_RefreshOnce(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bundle) {
		tokens := b.saved(t)
		env, err := json.Marshal(childConfig{b.kind, b.address, b.url})
		require.NoError(t, err)
		type process struct {
			cmd *exec.Cmd
			in  io.WriteCloser
			out *bufio.Reader
		}
		var processes []process
		for range 2 {
			cmd := exec.CommandContext(t.Context(), os.Args[0])
			cmd.Env = append(os.Environ(), childVariable+"="+string(env))
			cmd.Stderr = os.Stderr
			in, err := cmd.StdinPipe()
			require.NoError(t, err)
			out, err := cmd.StdoutPipe()
			require.NoError(t, err)
			require.NoError(t, cmd.Start())
			processes = append(processes, process{cmd, in, bufio.NewReader(out)})
		}
		for _, p := range processes {
			line, err := p.out.ReadString('\n')
			require.NoError(t, err)
			require.Equal(t, "ready\n", line)
		}
		for _, p := range processes {
			require.NoError(t, p.in.Close())
		}
		var got []string
		for _, p := range processes {
			var some []string
			require.NoError(t, json.NewDecoder(p.out).Decode(&some))
			require.NoError(t, p.cmd.Wait())
			got = append(got, some...)
		}
		require.Len(t, got, 2*goroutines)
		for _, h := range got {
			require.Equal(t, got[0], h)
		}
		require.Equal(t, int64(1), b.requests.Load())

		// The grant survives: the token is the provider's last, and refreshed again.
		require.Equal(t, got[0], mustHeader(t, tokens))
		require.NoError(t, renew(t.Context(), tokens, got[0]))
		require.NotEqual(t, got[0], mustHeader(t, tokens))
		require.Equal(t, int64(2), b.requests.Load())
	})
}
