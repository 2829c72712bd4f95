package twoway_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"
	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/internal/testdb"
	"github.com/syncedgo/synced/journal"
	"github.com/syncedgo/synced/peer"
	"github.com/syncedgo/synced/remote"
)

// victim is a server in a process, which is killed and begins again.
type victim struct {
	t    *testing.T
	task string
	mu   sync.Mutex
	cmd  *exec.Cmd
	url  string
}

func (v *victim) begin() {
	self, err := os.Executable()
	require.NoError(v.t, err)
	cmd := exec.Command(self)
	cmd.Env, cmd.Stderr = append(os.Environ(), taskVariable+"="+v.task), os.Stderr
	out, err := cmd.StdoutPipe()
	require.NoError(v.t, err)
	require.NoError(v.t, cmd.Start())
	address, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(v.t, err)
	v.mu.Lock()
	defer v.mu.Unlock()
	v.cmd, v.url = cmd, "http://"+strings.TrimSpace(address)
}

func (v *victim) kill() {
	v.mu.Lock()
	defer v.mu.Unlock()
	_ = v.cmd.Process.Kill() // SIGKILL
	_ = v.cmd.Wait()
}

func (v *victim) at() string {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.url
}

// posted is a batch that was sent, and answered what became of it: 0 where that is not known.
type posted struct{ after, upto int64 }

type answered struct {
	status   int
	expected int64
}

// accepting is what a handler does with batches: it takes one only if it follows the last one
// that it took, and else tells which it expects. What has no answer may have been taken.
var accepting = porcupine.NondeterministicModel{
	Init: func() []any { return []any{int64(nothing)} },
	Step: func(state, input, output any) []any {
		at, sent, answer := state.(int64), input.(posted), output.(answered)
		follows := at == sent.after
		switch {
		case answer.status == http.StatusOK && follows:
			return []any{sent.upto}
		case answer.status == http.StatusConflict && !follows && answer.expected == at:
			return []any{at}
		case answer.status == 0 && follows:
			return []any{at, sent.upto}
		case answer.status == 0:
			return []any{at}
		}
		return nil
	},
}

// nothing is the position of a peer that never had anything.
const nothing = -1

const fieldGUID = "8d3f6c1a-0000-4000-8000-000000000001"

// send makes one request of the field's.
func send(url, what string, message any) (int, []byte, error) {
	body, err := json.Marshal(message)
	if err != nil {
		return 0, nil, err
	}
	r, err := http.NewRequest(http.MethodPost, url+"/"+what, bytes.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	r.Header.Set("Authorization", "Bearer token")
	r.Header.Set("Synced-Peer", fieldGUID)
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, nil, err
	}
	defer answer.Body.Close()
	var text bytes.Buffer
	_, err = text.ReadFrom(answer.Body)
	return answer.StatusCode, text.Bytes(), err
}

// batch are changes after a position, each of which makes a row that has its name.
func batch(after, upto int64) peer.Batch {
	b := peer.Batch{After: after, Upto: upto}
	for seq := max(after, 0) + 1; seq <= upto; seq++ {
		name := fmt.Sprint("t", seq)
		b.Changes = append(b.Changes, peer.Change{
			Seq: seq, Last: true, Origin: fieldGUID, OriginSeq: seq, Model: "tags", Row: peer.Name{Key: []peer.Part{{Text: name}}}, Op: "create",
			New:     map[string]remote.Value{"name": remote.Value(strconv.Quote(name)), "body": remote.Value(`"x"`)},
			Version: journal.Version{Time: seq << 20, Origin: fieldGUID}.String(), At: time.UnixMilli(seq).UTC(),
		})
	}
	return b
}

// kills is how often each server is killed. SYNCED_TWOWAY_KILLS=500 takes minutes.
func kills(t *testing.T) int {
	text := os.Getenv("SYNCED_TWOWAY_KILLS")
	if text == "" {
		return 2
	}
	n, err := strconv.Atoi(text)
	require.NoError(t, err)
	return n
}

// TestContract_C391_AcceptedAfterTheLast has several clients send batches with one GUID to a
// server that is killed again and again.
func TestContract_C391_AcceptedAfterTheLast(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"sqlite", "postgres"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			testKilled(t, kind)
		})
	}
}

func testKilled(t *testing.T, kind string) {
	where := filepath.Join(t.TempDir(), "server.db")
	if kind == "postgres" {
		where = testdb.PostgresURL(t)
	}
	ctx := context.Background()
	db, err := openAt(ctx, serverTask{kind, where})
	require.NoError(t, err)
	if closer, ok := db.(interface{ Close() error }); ok {
		defer closer.Close()
	}
	require.NoError(t, db.Migrate(ctx))
	require.NoError(t, db.Create(ctx, "CREATE TABLE tags (name text PRIMARY KEY, body text NOT NULL)"))
	j, err := journal.Open(ctx, db, journal.Config{Tables: []journal.Table{{Name: "tags"}}})
	require.NoError(t, err)
	require.NoError(t, j.Install(ctx))

	task, err := json.Marshal(serverTask{kind, where})
	require.NoError(t, err)
	v := &victim{t: t, task: string(task)}
	v.begin()
	defer func() { v.kill() }()
	status, text, err := send(v.at(), "hello", peer.Hello{Protocol: peer.Protocol, GUID: fieldGUID})
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, status, string(text))

	var clock, done atomic.Int64
	var mu sync.Mutex
	var history []porcupine.Operation
	stop := make(chan struct{})
	var clients sync.WaitGroup
	for client := range 3 {
		clients.Go(func() {
			r := rand.New(rand.NewPCG(uint64(client), 17))
			for at := int64(nothing); ; {
				select {
				case <-stop:
					return
				default:
				}
				op := porcupine.Operation{ClientId: client, Input: posted{at, max(at, 0) + 1 + r.Int64N(3)}, Call: clock.Add(1)}
				in := op.Input.(posted)
				var answer answered
				status, text, err := send(v.at(), "changes", batch(in.after, in.upto))
				op.Return = clock.Add(1)
				var trouble peer.Trouble
				switch {
				case err != nil || status == http.StatusInternalServerError:
					time.Sleep(5 * time.Millisecond) // it is down, and its history would be of nothing else
				case status == http.StatusOK:
					answer.status = status
					at = in.upto - r.Int64N(2) // now and then it begins where it should not
				case json.Unmarshal(text, &trouble) == nil && trouble.Expected != nil:
					answer = answered{status, *trouble.Expected}
					at = *trouble.Expected
				default:
					t.Errorf("status %d: %s", status, text)
					return
				}
				if answer.status == 0 {
					op.Return = 1 << 62 // it may happen at any time
				}
				op.Output = answer
				mu.Lock()
				history = append(history, op)
				mu.Unlock()
				done.Add(1)
			}
		})
	}
	for range kills(t) {
		for until := done.Load() + 15 + rand.Int64N(20); done.Load() < until && !t.Failed(); {
			time.Sleep(time.Millisecond)
		}
		v.kill()
		v.begin()
	}
	close(stop)
	clients.Wait()

	require.True(t, porcupine.CheckOperations(accepting.ToModel(), history), "%d batches were not taken each after the last", len(history))
	status, text, err = send(v.at(), "hello", peer.Hello{Protocol: peer.Protocol, GUID: fieldGUID})
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, status, string(text))
	var hello peer.Hello
	require.NoError(t, json.Unmarshal(text, &hello))
	require.Positive(t, hello.Received)
	// One more applies what waits.
	status, text, err = send(v.at(), "changes", batch(hello.Received, hello.Received+1))
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, status, string(text))
	s := &site{name: kind, kind: kind, db: db}
	rows := s.query(t, "SELECT name FROM tags ORDER BY length(name), name")
	require.Len(t, rows, int(hello.Received)+1)
	for i, name := range rows {
		require.Equal(t, fmt.Sprint("t", i+1), name)
	}
	applied := 0
	for _, err := range j.Changes(ctx, 0) {
		require.NoError(t, err)
		applied++
	}
	require.Equal(t, len(rows), applied, "each is applied once")
	t.Logf("%d batches, %d kills, %d rows", len(history), kills(t), len(rows))
}
