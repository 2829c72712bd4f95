package upload

import (
	"cmp"
	"context"
	"encoding/binary"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strconv"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/stretchr/testify/require"
)

// simulated is one side of a search in memory: positions and hashes in order, and the sums
// of ranges of four digits.
type simulated struct {
	salt   [16]byte
	prints []print
	sums   ranges
}

func simulate(sorted []print) *simulated {
	s := &simulated{prints: sorted}
	for _, p := range s.prints {
		s.sums.add(s.salt, p)
	}
	return s
}

func (s *simulated) children(ctx context.Context, p prefix) (sums [digits]Sum, err error) {
	if p.depth < 4 {
		first := int(p.bits >> 48)
		for n := range 1 << (16 - 4*p.depth) {
			d := n >> (12 - 4*p.depth)
			sums[d] = sums[d].plus(s.sums.sums[first+n])
		}
		return sums, nil
	}
	return sums, s.list(ctx, p, func(at print) {
		d := at.pos.digit(p.depth)
		sums[d] = sums[d].plus(element(s.salt, at))
	})
}

func (s *simulated) list(_ context.Context, p prefix, found func(print)) error {
	first, last := p.bounds()
	from, _ := slices.BinarySearchFunc(s.prints, first, func(at print, pos position) int {
		if at.pos < pos {
			return -1
		}
		return 1
	})
	for _, at := range s.prints[from:] {
		if at.pos > last {
			break
		}
		found(at)
	}
	return nil
}

// ServeHTTP answers questions, in the form that the handler has.
func (s *simulated) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := &Handler{options: HandlerOptions{MaxBytes: 1 << 30}}
	var q question
	if err := h.body(w, r, func(dec *jsontext.Decoder) error { return decode(dec, &q) }); err != nil {
		h.fail(w, r, err)
		return
	}
	var all answer
	for _, name := range q.Ranges {
		p, _ := parsePrefix(name)
		sums, _ := s.children(r.Context(), p)
		for _, sum := range sums[:digits-1] {
			all.Sums = sum.append(all.Sums)
		}
	}
	for _, l := range q.Leaves {
		p, _ := parsePrefix(l.Range)
		there := map[int64]bool{}
		_ = s.list(r.Context(), p, func(at print) { there[at.hash] = true })
		var d differ
		for n := range len(l.Hashes) / 8 {
			hash := int64(binary.BigEndian.Uint64(l.Hashes[8*n:]))
			if !there[hash] {
				d.Missing = append(d.Missing, n)
			}
			delete(there, hash)
		}
		for hash := range there {
			d.Extra = append(d.Extra, jsontext.Value("["+strconv.FormatUint(uint64(hash)%1e7, 10)+"]"))
		}
		all.Leaves = append(all.Leaves, d)
	}
	reply(w, r, all)
}

// BenchmarkSearch finds 100 changed rows among as many as SYNCED_ROWS says, a million if
// nothing: in memory, over real HTTP.
func BenchmarkSearch(b *testing.B) {
	many := 1_000_000
	if n, err := strconv.Atoi(os.Getenv("SYNCED_ROWS")); err == nil {
		many = n
	}
	r := rand.New(rand.NewPCG(1, 2))
	ours := make([]print, many)
	for n := range ours {
		key := []any{int64(n)}
		ours[n] = print{positionOf(7, key, appendKey(nil, key)), r.Int64()}
	}
	block := slices.Clone(ours[many/2 : many/2+1000])
	slices.SortFunc(ours, func(a, b print) int { return cmp.Compare(a.pos, b.pos) })
	mine := simulate(ours)
	for _, changed := range []string{"none", "1", "100", "1000 in a block"} {
		b.Run(changed, func(b *testing.B) {
			theirs := slices.Clone(ours)
			switch changed {
			case "1":
				theirs[many/2].hash++
			case "100":
				for range 100 {
					theirs[r.IntN(many)].hash++
				}
			case "1000 in a block":
				for _, at := range block {
					theirs[slices.Index(ours, at)].hash++
				}
			}
			want := 0
			for n := range ours {
				if ours[n] != theirs[n] {
					want++
				}
			}
			other := simulate(theirs)
			var all Sum
			for _, sum := range other.sums.sums {
				all = all.plus(sum)
			}
			server := httptest.NewServer(other)
			defer server.Close()
			at := &remoteTable{remote: &remote{base: server.URL + "/", http: server.Client()}, name: "t"}
			b.ResetTimer()
			for b.Loop() {
				f, err := search(b.Context(), mine, at, all)
				require.NoError(b, err)
				require.Len(b, f.missing, want)
				require.Len(b, f.extra, want)
			}
			b.ReportMetric(float64(at.requests)/float64(b.N), "requests/op")
			b.ReportMetric(float64(at.bytes)/float64(b.N), "bytes/op")
		})
	}
}
