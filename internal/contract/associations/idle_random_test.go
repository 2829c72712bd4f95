package associations_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/remote/remotetest"
)

// quarter is halls as the remote has them, of which a model of each of two databases is
// told: one looks at its pages before it opens a transaction, the other never does.
type quarter struct {
	*rand.Rand
	looks, writes castle
	halls         map[int]map[int][]string // their doors, and the locks of these
	texts, names  map[int]string
	shown         map[int]bool
}

// edits are what somebody does to rows: of a door, or of a hall, by two remote ids.
var edits = []string{
	"UPDATE doors SET name = 'edited' WHERE synced_id = %[1]d",
	"UPDATE doors SET synced_hash = NULL WHERE synced_id = %[1]d",
	"UPDATE doors SET hall_id = (SELECT id FROM halls WHERE synced_id = %[2]d) WHERE synced_id = %[1]d",
	"UPDATE doors SET hall_id = NULL WHERE synced_id = %[1]d",
	"DELETE FROM doors WHERE synced_id = %[1]d",
	"UPDATE locks SET name = 'edited' WHERE door_id = (SELECT id FROM doors WHERE synced_id = %[1]d)",
	"DELETE FROM locks WHERE synced_id = 'a' AND door_id = (SELECT id FROM doors WHERE synced_id = %[1]d)",
	"INSERT INTO locks (synced_id, door_id, name) SELECT 'x', id, 'x' FROM doors WHERE synced_id = %[1]d AND NOT EXISTS (SELECT 1 FROM locks WHERE synced_id = 'x' AND door_id = doors.id)",
	"INSERT INTO doors (synced_id, hall_id, name, label) SELECT 900 + %[2]d, id, 'x', '' FROM halls WHERE synced_id = %[2]d AND NOT EXISTS (SELECT 1 FROM doors WHERE synced_id = 900 + %[2]d)",
	"UPDATE halls_translations SET headline = 'edited' WHERE parent_id = (SELECT id FROM halls WHERE synced_id = %[2]d)",
	"DELETE FROM halls_translations WHERE locale = 'fr' AND parent_id = (SELECT id FROM halls WHERE synced_id = %[2]d)",
	"UPDATE doors_translations SET sign = NULL WHERE parent_id = (SELECT id FROM doors WHERE synced_id = %[1]d)",
	"INSERT INTO doors_translations (parent_id, locale, sign) SELECT id, 'it', 'x' FROM doors WHERE synced_id = %[1]d AND NOT EXISTS (SELECT 1 FROM doors_translations WHERE locale = 'it' AND parent_id = doors.id)",
	"UPDATE halls SET name = 'edited' WHERE synced_id = %[2]d",
	"DELETE FROM locks WHERE door_id >= %[1]d",
}

const mostHalls, mostDoors = 9, 14

// change changes the remote: a door comes, goes or moves, or its locks change; a hall
// comes, goes, or has another name or other texts.
func (q *quarter) change() {
	door, hall := 1+q.IntN(mostDoors), 1+q.IntN(mostHalls)
	at := 0
	for id, doors := range q.halls {
		if _, here := doors[door]; here {
			at = id
		}
	}
	switch q.IntN(5) {
	case 0:
		if delete(q.halls[at], door); q.halls[hall] != nil {
			q.halls[hall][door] = []string{"a", "b"}[:q.IntN(3)]
		}
	case 1:
		delete(q.halls[at], door)
	case 2:
		if at != 0 {
			q.halls[at][door] = []string{"a", "b", "c"}[q.IntN(3):]
		}
	case 3:
		q.texts[hall] = []string{`{"en":"One","fr":"Un"}`, `{"fr":"Deux"}`, `null`, `{}`, `{"en":null}`}[q.IntN(5)]
		q.names[hall] = fmt.Sprint("hall ", q.IntN(3))
	case 4:
		if q.halls[hall] == nil {
			q.halls[hall] = map[int][]string{}
		} else if q.IntN(2) == 0 {
			delete(q.halls, hall)
		}
	}
}

// list has the remote list the halls; one door in two of them, where twice is not 0.
func (q *quarter) list(twice int) {
	server := q.looks.Server.Collection("halls")
	for hall := 1; hall <= mostHalls; hall++ {
		doors, here := q.halls[hall]
		if !here {
			if q.shown[hall] {
				server.Delete(hall)
			}
			q.shown[hall] = false
			continue
		}
		q.shown[hall] = true
		list := []harness.Nested{}
		for id := 1; id <= mostDoors; id++ {
			if locks, listed := doors[id]; listed || id == twice {
				list = append(list, door(id, locks...))
			}
		}
		r := remotetest.Record{"id": hall, "name": q.names[hall], "doors": list}
		if text := q.texts[hall]; text != "" {
			r["headline"] = raw(text)
		}
		server.Put(r)
	}
}

// raw is JSON as it is.
type raw string

// MarshalJSON implements [encoding/json.Marshaler].
func (r raw) MarshalJSON() ([]byte, error) { return []byte(r), nil }

// Whatever somebody did to the remote and to rows, a run that looks at its pages leaves and
// reports what one does that writes them all.
func TestContract_C412_AsIfAllPagesWereWritten(t *testing.T) {
	seeds, first := 2, rand.Uint64()
	if n, err := strconv.Atoi(os.Getenv("SYNCED_SEEDS")); err == nil {
		seeds = n
	}
	if n, err := strconv.ParseUint(os.Getenv("SYNCED_SEED"), 10, 64); err == nil {
		first = n
	}
	for i := range seeds {
		seed := first + uint64(i)
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) { play(t, b, seed) })
		})
	}
}

func play(t *testing.T, b *harness.Bundle, seed uint64) {
	other := harness.Setup(t, map[bool]string{true: "sqlite", false: "postgres"}[b.Pool == nil])
	other.Server, other.API = b.Server, b.API
	q := &quarter{Rand: rand.New(rand.NewPCG(seed, 0)), looks: newCastle(t, b, 1, synced.Destroy{}), writes: newCastle(t, other, 1, synced.Destroy{}),
		halls: map[int]map[int][]string{1: {}, 2: {}, 3: {}, 5: {}, 7: {}, 8: {}}, texts: map[int]string{}, names: map[int]string{}, shown: map[int]bool{}}
	ctx := context.Background()
	for range 25 {
		q.change()
	}
	for range 12 {
		for range q.IntN(3) {
			q.change()
		}
		for range q.IntN(3) {
			sql := fmt.Sprintf(edits[q.IntN(len(edits))], 1+q.IntN(mostDoors), 1+q.IntN(mostHalls))
			b.Execute(t, sql)
			other.Execute(t, sql)
		}
		failed := false
		if q.IntN(4) == 0 {
			q.list(1 + q.IntN(mostDoors))
			_, err1 := q.looks.halls.Synchronize(ctx, synced.In(7))
			_, err2 := q.writes.halls.Synchronize(ctx, synced.In(7), synced.Call{Commit: synced.Atomic{}})
			require.Equal(t, err1 == nil, err2 == nil, "%v, %v", err1, err2)
			failed = err1 != nil // one has written some pages
		}
		q.list(0)
		result1, result2 := harness.Sync(t, q.looks.halls, synced.In(7)), harness.Sync(t, q.writes.halls, synced.In(7), synced.Call{Commit: synced.Atomic{}})
		require.Equal(t, q.writes.rows(t), q.looks.rows(t))
		if failed {
			continue
		}
		require.Equal(t, harness.CountsOf(result2), harness.CountsOf(result1))
		require.Equal(t, result2.Children, result1.Children)
	}
}
