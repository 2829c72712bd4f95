package upload_test

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/store"
	"github.com/syncedgo/synced/upload"
)

// seeds returns how many stories each pair of stores plays, by SYNCED_SEEDS, and the
// first one's seed, by SYNCED_SEED.
func seeds() (many, first uint64) {
	many, first = 2, 1
	if n, err := strconv.ParseUint(os.Getenv("SYNCED_SEEDS"), 10, 64); err == nil {
		many = n
	}
	if n, err := strconv.ParseUint(os.Getenv("SYNCED_SEED"), 10, 64); err == nil {
		first = n
	}
	return many, first
}

func TestContract_C361_RandomStoriesEndWithEqualTables(t *testing.T) {
	onAll(t, func(t *testing.T, w *world) {
		many, first := seeds()
		exec(t, w.local, villas)
		s0 := uint64(len(t.Name())) // so that each pair begins with another way
		for n := range many {
			seed := first + n
			s := &story{t: t, w: w, r: rand.New(rand.NewPCG(seed, 0)), way: ways[(seed+s0)%4], seed: seed}
			s.play()
			if t.Failed() {
				t.Fatalf("seed %d, %s", seed, s.way)
			}
		}
	})
}

// story is random things that happen to a table, its clients and its server.
type story struct {
	t       *testing.T
	w       *world
	r       *rand.Rand
	way     string
	seed    uint64
	version int
	late    []func() // uploads that come once more
}

func (s *story) play() {
	exec(s.t, s.w.local, "DELETE FROM villas")
	clients := []*upload.Client{s.client(0), s.client(0)}
	backups := map[store.Store]bool{}
	for range 30 {
		client := clients[s.r.IntN(2)]
		switch n := s.r.IntN(20); {
		case n < 5:
			s.write()
		case n < 7:
			exec(s.t, s.w.local, "DELETE FROM villas WHERE id % ? = ?", 2+s.r.IntN(9), s.r.IntN(9))
		case n < 13:
			_, _ = client.Step(s.t.Context())
		case n < 17:
			s.trouble()
			_, _ = client.Step(s.t.Context())
			s.w.hook(nil)
		case n == 17:
			clients[s.r.IntN(2)] = s.client(0)
		case n == 18 && len(s.late) > 0:
			s.late[s.r.IntN(len(s.late))]()
		default:
			db, tables := s.w.local, []string{"villas", "synced_uploads", "synced_upload_prints", "synced_upload_sums", "synced_upload_dirty"}
			if s.r.IntN(3) == 0 {
				db, tables = s.w.remote, []string{"upload_villas", "upload__tables", "upload__sums"}
			}
			s.restore(db, tables, backups)
		}
	}
	// A clock that jumped, or a table that came from a backup, is found by reading it all.
	last := s.client(time.Nanosecond)
	for n := 0; ; n++ {
		results, err := last.Step(s.t.Context())
		require.Less(s.t, n, 300, "seed %d, %s: %+v %v", s.seed, s.way, results, err)
		if err == nil && results[0].Equal {
			break
		}
	}
	s.w.equal(s.t)
	for _, table := range []string{"villas", "synced_uploads", "synced_upload_prints", "synced_upload_sums", "synced_upload_dirty"} {
		exec(s.t, s.w.local, "DROP TABLE IF EXISTS backup_of_"+table)
	}
	for _, table := range []string{"upload_villas", "upload__tables", "upload__sums"} {
		exec(s.t, s.w.remote, "DROP TABLE IF EXISTS backup_of_"+table)
	}
}

func (s *story) client(scan time.Duration) *upload.Client {
	return s.w.client(s.t, []upload.Table{{Name: "villas", Changes: changesOf(s.way), Scan: scan}}, func(o *upload.Options) {
		o.Smallest, o.Largest, o.Notes = 2, 2+s.r.IntN(40), 20+s.r.IntN(100)
		o.Target = time.Duration(1+s.r.IntN(1000)) * time.Millisecond
	})
}

// write creates and changes rows, by a clock that jumps, and sometimes without a version.
func (s *story) write() {
	from := 1 + s.r.IntN(150)
	to := from + s.r.IntN(60)
	s.version++
	put(s.t, s.w.local, from, to, fmt.Sprintf("of %d", s.version))
	if s.r.IntN(4) > 0 {
		exec(s.t, s.w.local, "UPDATE villas SET version = ?, updated_at = '2026-0"+strconv.Itoa(1+s.r.IntN(9))+"-02 03:04:05' WHERE id BETWEEN ? AND ?", 1000+s.version, from, to)
	}
}

// trouble lets some of the requests that follow go wrong.
func (s *story) trouble() {
	at, how := s.r.IntN(6), s.r.IntN(5)
	n := 0
	s.w.hook(func(rw http.ResponseWriter, r *http.Request) bool {
		if n++; n <= at {
			return false
		}
		body, err := io.ReadAll(r.Body)
		require.NoError(s.t, err)
		again := func() {
			same := r.Clone(s.t.Context())
			same.Body = io.NopCloser(bytes.NewReader(body))
			s.w.handler.ServeHTTP(httptest.NewRecorder(), same)
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		switch how {
		case 0: // it does not arrive
			panic(http.ErrAbortHandler)
		case 1: // its answer does not
			again()
			panic(http.ErrAbortHandler)
		case 2: // it arrives twice
			again()
			return false
		case 3: // and late
			s.late = append(s.late, again)
			return false
		default:
			rw.WriteHeader(http.StatusServiceUnavailable)
			return true
		}
	})
}

// restore brings tables back as they were when they were copied, or copies them.
func (s *story) restore(db store.Store, tables []string, there map[store.Store]bool) {
	if !there[db] {
		if db == s.w.remote && len(column(s.t, db, "SELECT table_name FROM upload__shapes")) == 0 {
			return // nothing was uploaded yet
		}
		there[db] = true
		for _, table := range tables {
			exec(s.t, db, "CREATE TABLE backup_of_"+table+" AS SELECT * FROM "+table)
		}
		return
	}
	for _, table := range tables {
		exec(s.t, db, "DELETE FROM "+table)
		exec(s.t, db, "INSERT INTO "+table+" SELECT * FROM backup_of_"+table)
	}
}
