package spool

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/remote"
)

// object is one that compression can't make smaller.
func object(t *testing.T, seed uint64, size int) remote.Object {
	t.Helper()
	random := rand.New(rand.NewPCG(seed, 2))
	var text strings.Builder
	for text.Len() < size {
		fmt.Fprintf(&text, "%016x", random.Uint64())
	}
	o, err := remote.ParseObject([]byte(`{"id":` + fmt.Sprint(seed) + `,"text":"` + text.String() + `"}`))
	require.NoError(t, err)
	return o
}

type page struct {
	number  int
	objects []remote.Object
}

func (s *Spool) all() (pages []page, err error) {
	for p, err := range s.Pages() {
		if err != nil {
			return pages, err
		}
		pages = append(pages, page{p.Number, p.Objects})
	}
	return pages, nil
}

func TestSpool(t *testing.T) {
	for name, test := range map[string]struct {
		memory int
		pages  []page
		file   bool
	}{
		"none":           {0, nil, false},
		"an empty page":  {0, []page{{7, nil}}, false},
		"in memory":      {0, []page{{1, []remote.Object{object(t, 1, 10), object(t, 2, 10)}}, {2, []remote.Object{object(t, 3, 10)}}}, false},
		"in a file":      {1, []page{{1, []remote.Object{object(t, 1, 10), object(t, 2, 10)}}, {2, []remote.Object{object(t, 3, 10)}}}, true},
		"half in a file": {400_000, []page{{1, []remote.Object{object(t, 1, 300_000)}}, {2, []remote.Object{object(t, 2, 2_000_000), object(t, 3, 10)}}}, true},
		"past 2 MiB":     {0, []page{{1, []remote.Object{object(t, 1, 6_000_000)}}}, true},
	} {
		t.Run(name, func(t *testing.T) {
			folder := t.TempDir()
			t.Setenv("TMPDIR", folder)
			s := Spool{Memory: test.memory}
			defer s.Close()
			for _, p := range test.pages {
				require.NoError(t, s.Add(p.number, p.objects))
			}
			got, err := s.all()
			require.NoError(t, err)
			require.Equal(t, test.pages, got)
			require.Equal(t, test.file, s.file != nil)
			if test.memory > 1 {
				require.NotZero(t, s.memory.Cap(), "the file came after what was in memory")
			}
			s.Close()
			s.Close()
			left, err := os.ReadDir(folder)
			require.NoError(t, err)
			require.Empty(t, left)
		})
	}
}

// As many bytes as the bound are taken, and not one more.
func TestSpool_Bound(t *testing.T) {
	t.Parallel()
	pages := func(s *Spool) error {
		for i := range 3 {
			if err := s.Add(i, []remote.Object{object(t, uint64(i), 300_000)}); err != nil {
				return err
			}
		}
		_, err := s.all()
		return err
	}
	var measure Spool
	require.NoError(t, pages(&measure))
	need := measure.bytes
	for name, test := range map[string]struct {
		bound int64
		want  string
	}{
		"enough":          {need, ""},
		"a byte too few":  {need - 1, fmt.Sprintf("more than %d bytes, compressed: commit page by page (synced.PerPage)", need-1)},
		"a page too few":  {need / 2, fmt.Sprintf("spool: more than %d bytes, compressed: commit page by page (synced.PerPage)", need/2)},
		"that by default": {0, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := Spool{Bound: test.bound, Memory: 1}
			defer s.Close()
			err := pages(&s)
			if test.want == "" {
				require.NoError(t, err)
				return
			}
			require.EqualError(t, err, test.want)
		})
	}
	require.Equal(t, "16 GiB", size(defaultBound))
}

// A loop that is left reads no further.
func TestSpool_Left(t *testing.T) {
	t.Parallel()
	var s Spool
	defer s.Close()
	for i := range 3 {
		require.NoError(t, s.Add(i, []remote.Object{object(t, uint64(i), 10)}))
	}
	for p, err := range s.Pages() {
		require.NoError(t, err)
		require.Equal(t, 0, p.Number)
		break
	}
}

func TestSpool_NoFile(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir()+"/missing")
	s := Spool{Memory: 1}
	defer s.Close()
	require.NoError(t, s.Add(1, []remote.Object{object(t, 1, 10)}))
	_, err := s.all()
	require.ErrorContains(t, err, "synced-spool-")
}

func TestSpool_CutShort(t *testing.T) {
	t.Parallel()
	var s Spool
	require.NoError(t, s.Add(1, []remote.Object{object(t, 1, 100_000)}))
	in, err := s.reader()
	require.NoError(t, err)
	_, err = in.Peek(in.Size())
	require.NoError(t, err)
	whole := make([]byte, 50_000)
	n, err := in.Read(whole)
	require.NoError(t, err)

	var again Spool
	again.begin()
	_, err = again.zip.Write(whole[:n])
	require.NoError(t, err)
	_, err = again.all()
	require.EqualError(t, err, "unexpected EOF")
}
