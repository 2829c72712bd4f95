package badinput_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"runtime/debug"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/strategy"
)

// badPages is how many spoilt pages each store gets, with each commit mode and
// each way to deal with invalid records: 1,000 in all.
const badPages = 125

// raced reports whether the race detector is on. It makes a page ten times as slow, and
// finds in a quarter of them what it finds.
func raced() bool {
	info, ok := debug.ReadBuildInfo()
	return ok && slices.Contains(info.Settings, debug.BuildSetting{Key: "-race", Value: "true"})
}

// TestBadInput_MutatedPages runs against spoilt pages. Whatever is on them: nothing
// panics, what an error leaves are whole pages, what a success leaves is what the
// records say, no row goes that the remote did not give up, and a good run mends
// everything.
func TestBadInput_MutatedPages(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		b.Server.Close()
		pages := badPages
		if raced() {
			pages /= 4
		}
		seed := uint64(1) // each store has pages of its own
		if b.Pool != nil {
			seed = 2
		}
		for i, invalid := range []synced.WhenInvalid{synced.Fail{}, synced.Quarantine{}} {
			for j, commit := range []synced.Commit{synced.PerPage{Checkpoint: -1}, synced.Atomic{}} {
				p := newSpoiled(t, b, invalid, commit, 2*i+j, seed)
				for n := range pages {
					p.spoil(n)
					if n%25 == 24 {
						p.mend()
					}
				}
				t.Log(p)
			}
		}
	})
}

// spoiled is a model whose API sends spoilt pages.
type spoiled struct {
	t       *testing.T
	srv     *remotetest.Server
	huts    *synced.Model[Hut]
	invalid synced.WhenInvalid
	commit  synced.Commit
	number  int
	seed    uint64
	stored  map[int64]string // the rows, as they should be

	tried, accepted, refused, aside, removed, mended int
}

// size is how many records a page has, and there are two pages.
const size = 20

func newSpoiled(t *testing.T, b *harness.Bundle, invalid synced.WhenInvalid, commit synced.Commit, number int, seed uint64) *spoiled {
	t.Helper()
	p := &spoiled{t: t, invalid: invalid, commit: commit, number: number, seed: 10*seed + uint64(number)}
	p.srv = remotetest.New(remotetest.Config{Seed: 1, PerPage: size, Token: harness.Token})
	t.Cleanup(p.srv.Close)
	d := synced.Synced[Hut]{Table: fmt.Sprintf("huts_%d", number), Endpoint: "huts", Scope: "account_id", API: harness.Client(t, p.srv, harness.Token),
		Strategy: strategy.Full{}, Remove: synced.Destroy{}, Invalid: invalid, Commit: commit}
	p.huts = harness.Model(t, b, d)
	p.change(rand.New(rand.NewPCG(0, 0)), 1)
	require.Equal(t, p.sent(2), string(p.page(2)))
	p.mend()
	return p
}

func (p *spoiled) String() string {
	return fmt.Sprintf("%s, %s: pages tried %d, accepted %d, refused %d; records quarantined %d; good runs that mended everything %d; partial pages 0, rows lost 0, wrong removals 0 (of %d removals)",
		fmt.Sprintf("%T", p.invalid), fmt.Sprintf("%T", p.commit), p.tried, p.accepted, p.refused, p.aside, p.mended, p.removed)
}

// change gives one record in every of the remote new values.
func (p *spoiled) change(chance *rand.Rand, every int) {
	var records []remotetest.Record
	for i := chance.IntN(every); i < 2*size; i += every {
		records = append(records, remotetest.Record{"id": i + 1, "name": fmt.Sprintf("hut %d", chance.IntN(1e6)), "surface": chance.IntN(1e4), "price": fmt.Sprint(chance.IntN(1e4), ".50"),
			"rate": float64(chance.IntN(1e4)) / 8, "active": chance.IntN(2) == 0, "seen_at": fmt.Sprintf("2026-01-02T03:04:%02d+01:00", chance.IntN(60)), "tags": []string{fmt.Sprint(chance.IntN(1e6)), "é"}})
	}
	p.srv.Collection("huts").Put(records...)
}

// page is a page as the remote sends it.
func (p *spoiled) page(number int) []byte {
	p.t.Helper()
	var list []string
	for i := range size {
		raw, ok := p.srv.Collection("huts").Raw((number-1)*size + i + 1)
		require.True(p.t, ok)
		list = append(list, raw)
	}
	return fmt.Appendf(nil, `{"huts":[%s],"links":{},"meta":{}}`, strings.Join(list, ","))
}

// sent is a page that was sent.
func (p *spoiled) sent(number int) string {
	p.t.Helper()
	req, err := http.NewRequestWithContext(p.t.Context(), http.MethodGet, fmt.Sprintf("%s/huts?page=%d", p.srv.URL(), number), nil)
	require.NoError(p.t, err)
	req.Header.Set("Authorization", "Bearer "+harness.Token)
	answer, err := p.srv.Client().Do(req)
	require.NoError(p.t, err)
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	require.NoError(p.t, err)
	return string(body)
}

// spoil runs against one spoilt page, the first or the second.
func (p *spoiled) spoil(n int) {
	p.t.Helper()
	chance := rand.New(rand.NewPCG(p.seed, uint64(n)))
	p.change(chance, 6)
	pages := [][]byte{p.page(1), p.page(2)}
	at := max(0, chance.IntN(4)-2) // the first one, mostly
	name, body := spoil(chance, pages[at])
	pages[at] = body
	p.srv.Fault(remotetest.Fault{Times: -1, Collection: "huts", Page: at + 1, Body: string(body)}) // a request of the run before may still arrive
	result, err := p.huts.Synchronize(context.Background(), synced.In(1))
	p.srv.ClearFaults()
	p.tried++
	what := fmt.Sprintf("seed %d, page %d of try %d: %s: %v: %v: %.300q", p.seed, at+1, n, name, err, result, body)

	read := heard{rows: maps.Clone(p.stored), listed: map[int64]bool{}, gone: map[int64]bool{}, invalid: p.invalid}
	stored := p.rows()
	if err != nil {
		p.refused++
		var where *synced.Error
		require.ErrorAs(p.t, err, &where, what)
		require.NotContains(p.t, err.Error(), "\n", what)
		for i := range pages {
			if p.commit != (synced.Atomic{}) && i+1 < where.Page {
				require.NoError(p.t, read.page(pages[i]), what)
			}
		}
		require.Equal(p.t, read.rows, stored, what)
		p.stored = stored
		return
	}
	p.accepted++
	for _, body := range pages {
		require.NoError(p.t, read.page(body), what)
	}
	p.aside += result.Quarantined
	p.settle(&read, stored, what)
	require.Equal(p.t, read.rows, stored, what)
	p.stored = stored
}

// settle makes up for what a run may do about rows that were not listed: those
// that the remote deleted have to go, and those that it has not may, if it listed
// as many records as it says it has. Those that it has it may have been asked for.
func (p *spoiled) settle(read *heard, stored map[int64]string, what string) {
	p.t.Helper()
	truth := p.truth()
	for id, row := range read.rows {
		now, there := stored[id]
		switch {
		case read.gone[id]:
			delete(read.rows, id)
			p.removed++
		case read.listed[id]:
		case !there && truth[id] == "" && len(read.listed) == 2*size:
			delete(read.rows, id)
			p.removed++
		case now != row && now == truth[id]:
			read.rows[id] = now
		}
	}
}

// mend is a good run: everything is as the remote has it.
func (p *spoiled) mend() {
	p.t.Helper()
	result, err := p.huts.Synchronize(context.Background(), synced.In(1))
	require.NoError(p.t, err)
	require.Zero(p.t, result.Quarantined)
	p.stored = p.rows()
	require.Equal(p.t, p.truth(), p.stored, "after a good run")
	for q, err := range p.huts.Quarantined(context.Background(), synced.In(1)) {
		require.NoError(p.t, errors.Join(err, fmt.Errorf("%v is still in quarantine", q)))
	}
	p.mended++
}

// truth is what the remote has.
func (p *spoiled) truth() map[int64]string {
	p.t.Helper()
	read := heard{rows: map[int64]string{}, listed: map[int64]bool{}, gone: map[int64]bool{}}
	for number := range 2 {
		require.NoError(p.t, read.page(p.page(number+1)))
	}
	return read.rows
}

// rows are those of the table.
func (p *spoiled) rows() map[int64]string {
	p.t.Helper()
	rows := map[int64]string{}
	for row, err := range p.huts.All(context.Background(), synced.In(1)) {
		require.NoError(p.t, err)
		rows[row.SyncedID] = row.String()
	}
	return rows
}
