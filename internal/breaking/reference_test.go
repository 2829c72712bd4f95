package breaking_test

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/testdb"
)

// TestReference plays sagas: a service with homes, their rooms, the beds in those, tags that
// homes share, texts in a table of their own, and streets that homes belong to, follows a
// remote that changes before, between and during pages, whose lists come in ten ways and are
// now and then empty. The service makes every call, also beside runs, edits rows, and is
// canceled or killed at any statement, and told to stop at a page; PostgreSQL is stopped. After each deed: nothing has
// gone whose record exists, no row is an orphan, none is touched that is not the account's,
// the outbox replays to the tables. After a quiet pass the tables equal a reference in
// memory, and the next pass writes nothing.
//
// SYNCED_SEEDS is how many sagas are played on each store, SYNCED_SEED the first one's seed.
func TestReference(t *testing.T) {
	t.Parallel()
	first := number(t, "SYNCED_SEED", 1)
	for kind, seeds := range map[string]uint64{"sqlite": 20, "postgres": 5} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			for seed := first; seed < first+number(t, "SYNCED_SEEDS", seeds); seed++ {
				t.Run(fmt.Sprint(seed), func(t *testing.T) {
					t.Parallel()
					t.Logf("to repeat: SYNCED_SEEDS=1 SYNCED_SEED=%d go test ./internal/breaking -run TestReference/%s -v", seed, kind)
					play(t, kind, rand.New(rand.NewPCG(seed, 0)))
				})
			}
		})
	}
}

// play plays one saga.
func play(t *testing.T, kind string, r *rand.Rand) {
	var server *testdb.Server
	address := ":memory:"
	switch alone, stopped := r.IntN(10) == 0, r.IntN(20) == 0; {
	case kind == "postgres" && stopped:
		server = testdb.OwnServer(t)
		conn, err := pgx.Connect(context.Background(), server.URL())
		require.NoError(t, err)
		_, err = conn.Exec(context.Background(), "CREATE DATABASE saga")
		require.NoError(t, err)
		require.NoError(t, conn.Close(context.Background()))
		address = strings.Replace(server.URL(), "@/postgres?", "@/saga?", 1)
	case kind == "postgres" || alone:
		address = database(t, kind)
	}
	s := begin(t, r, kind, address, server)
	for range 2 {
		for range 2 + r.IntN(5) {
			s.step()
		}
		s.quiet(1)
		if r.IntN(3) == 0 {
			s.quiet(2)
		}
	}
}

// step is one deed, after some edits.
func (s *saga) step() {
	for range s.r.IntN(4) {
		s.edit()
	}
	if s.r.IntN(5) == 0 {
		s.local()
	}
	if s.r.IntN(12) == 0 {
		s.Mapping++
		var err error
		s.town, err = s.bind(context.Background(), s.db, s.apis, false)
		require.NoError(s.t, err)
	}
	d := s.draw(s.r.IntN(100))
	if d.Kind == "" {
		return
	}
	_, _ = s.act(d, s.drawMishap(d))
}

// draw draws a deed.
func (s *saga) draw(n int) deed {
	d := deed{Model: "homes", Account: 1}
	if s.r.IntN(4) == 0 {
		d.Model = "streets"
	}
	if s.r.IntN(8) == 0 {
		d.Account = 2
	}
	switch {
	case n < 40:
		d.Kind, d.Stop = "run", s.r.IntN(4) == 0
	case n < 58:
		d.Kind, d.Stop = "full", s.r.IntN(4) == 0
	case n < 62:
		d.Kind = "check"
	case n < 66:
		d.Kind = "dry run"
	case n < 70:
		d.Kind = "given"
		c := s.districts[d.Account].account.Collection(d.Model)
		for _, id := range c.IDs() {
			raw, _ := c.Raw(id)
			d.Records = append(d.Records, json.RawMessage(raw))
		}
	case n < 82:
		d.Kind, d.ID = "one", 1+s.r.IntN(14)
		if d.Model == "streets" {
			d.ID = 1 + s.r.IntN(4)
		}
	case n < 86:
		d.Kind = "remap"
	case n < 90:
		d.Kind = "reset"
	case n < 95:
		refused, err := s.town.model(d.Model).RefusedRemoval(context.Background(), synced.In(d.Account))
		require.NoError(s.t, err)
		if refused != nil {
			d.Kind, d.Plan, d.approved = "approve", refused.Plan, refused.IDs
		}
	default:
		if len(s.diffs) > 0 {
			d = s.diffs[s.r.IntN(len(s.diffs))]
		}
	}
	return d
}

// drawMishap draws what happens during a deed.
func (s *saga) drawMishap(d deed) mishap {
	x, r := mishap{}, s.r
	if r.IntN(3) == 0 {
		return x
	}
	l := listed(s.Listing)
	believed := s.Verify == synced.VerifyNever && !l.stays && !l.whole
	if r.IntN(3) == 0 && !believed {
		x.edits = map[int]int{}
		for range 3 {
			x.edits[1+r.IntN(6)] = 1 + r.IntN(2)
		}
	}
	if r.IntN(3) == 0 {
		x.beside = map[int][]deed{}
		for range 1 + r.IntN(2) {
			if b := s.draw(62 + r.IntN(38)); b.Kind != "" && b.Kind != "dry run" {
				request := 1 + r.IntN(5)
				x.beside[request] = append(x.beside[request], b)
			}
		}
	}
	switch n := r.IntN(10); {
	case n == 0 && x.beside == nil:
		x.hollow = true
	case n < 4:
		x.cut = 1 + r.Int64N(80)
	case n < 6:
		x.request = 1 + r.Int64N(6)
	case n < 7 && s.server != nil:
		x.stop = 1 + r.IntN(4)
	}
	x.alone = s.address != ":memory:" && s.server == nil && r.IntN(3) == 0 && d.Kind != "check" && d.Kind != "dry run"
	return x
}

// local edits rows as the service itself would, though it should not.
func (s *saga) local() {
	c := take(s.t, s.db)
	var keys []string
	for k, row := range c {
		if row.account != 9 && (row.id != 0 || row.account == 0) && !row.canceled {
			keys = append(keys, k)
		}
	}
	if len(keys) == 0 {
		return
	}
	slices.Sort(keys)
	row := c[keys[s.r.IntN(len(keys))]]
	word := fmt.Sprintf("ours %d", s.r.IntN(1000))
	var sql []string
	add := func(format string, args ...any) { sql = append(sql, fmt.Sprintf(format, args...)) }
	table := row.kind
	switch what := s.r.IntN(4); {
	case row.kind == "texts" && what == 0:
		add("DELETE FROM homes_translations WHERE parent_id = %d AND locale = '%s'", row.parent, row.text[:2])
	case row.kind == "texts":
		add("UPDATE homes_translations SET headline = '%s' WHERE parent_id = %d AND locale = '%s'", word, row.parent, row.text[:2])
	case row.kind == "links":
		add("DELETE FROM home_tags WHERE home_id = %d AND tag_id = %d", row.parent, row.key)
	case what == 0:
		add("UPDATE %s SET notes = '%s' WHERE id = %d", table, word, row.key)
	case what == 1 && row.kind == "homes":
		add("DELETE FROM beds WHERE chamber_id IN (SELECT id FROM chambers WHERE home_id = %d)", row.key)
		add("DELETE FROM chambers WHERE home_id = %d", row.key)
		add("DELETE FROM homes_translations WHERE parent_id = %d", row.key)
		add("DELETE FROM home_tags WHERE home_id = %d", row.key)
		add("DELETE FROM homes WHERE id = %d", row.key)
	case what == 1 && row.kind == "chambers":
		add("DELETE FROM beds WHERE chamber_id = %d", row.key)
		add("DELETE FROM chambers WHERE id = %d", row.key)
	case what == 1 && row.kind == "streets":
		add("UPDATE homes SET street_id = NULL WHERE street_id = %d", row.key)
		add("DELETE FROM streets WHERE id = %d", row.key)
	case what == 1 && row.kind == "beds":
		add("DELETE FROM beds WHERE id = %d", row.key)
	case what == 2 && row.kind == "homes":
		add("UPDATE homes SET street_id = NULL WHERE id = %d", row.key)
	default:
		add("UPDATE %s SET name = '%s' WHERE id = %d", table, word, row.key)
	}
	for _, r := range c {
		if r.kind == "homes" && strings.HasPrefix(sql[0], "UPDATE homes SET street_id") && (r.key == row.key && row.kind == "homes" || r.parent == row.key && row.kind == "streets") {
			s.untied[[2]int{r.account, r.id}] = true
		}
	}
	for _, statement := range sql {
		s.t.Log(statement)
		execute(s.t, s.db, statement)
	}
	if account := cmp.Or(row.account, c[fmt.Sprint("homes ", row.parent)].account); account < 3 && !strings.Contains(sql[0], "notes") {
		s.edited[account] = true
	}
	s.told.rows = take(s.t, s.db).known()
}

// quiet ends what was disturbed: a complete pass makes an account's tables those of the
// reference, and the next one writes nothing. So does one that asks for changes.
func (s *saga) quiet(account int) {
	s.t.Log("quiet ", account)
	models := []string{"streets", "homes"}
	if s.r.IntN(2) == 0 && !s.Fetch { // a street that the remote lacks is believed beside one that is here
		slices.Reverse(models)
	}
	all := func(kind string) (results []synced.Result) {
		for _, model := range models {
			result, err := s.act(deed{Kind: kind, Model: model, Account: account}, mishap{})
			for tries := 0; errors.Is(err, synced.ErrRunning) && s.kills > 0 && tries < 100; tries++ {
				time.Sleep(50 * time.Millisecond) // the server has yet to see that the process is gone
				result, err = s.act(deed{Kind: kind, Model: model, Account: account}, mishap{})
			}
			require.NoError(s.t, err)
			if result.Resumed { // it knows what was listed before the quiet
				result, err = s.act(deed{Kind: kind, Model: model, Account: account}, mishap{})
				require.NoError(s.t, err)
			}
			require.Nil(s.t, result.Refused)
			results = append(results, result)
		}
		return results
	}
	if s.Conditional { // such a run looks at no row
		for _, model := range models {
			_, _ = s.act(deed{Kind: "reset", Model: model, Account: account}, mishap{})
		}
	}
	all("full")
	s.equals(account, true)
	before, last := take(s.t, s.db), s.told.last
	s.edited[account] = false
	maps.DeleteFunc(s.untied, func(home [2]int, _ bool) bool {
		h := s.districts[account].homes[home[1]]
		return home[0] == account && (h == nil || h.size != poison)
	})
	all("full")
	require.Empty(s.t, before.differences(take(s.t, s.db)), "an idle pass wrote")
	require.Equal(s.t, last, s.told.last, "an idle pass told of changes")
	s.equals(account, true)
	if s.Full {
		return
	}
	for _, result := range all("run") {
		require.Empty(s.t, result.NotStored)
	}
	for range s.r.IntN(6) {
		s.t.Logf("remote %d: %s", account, s.districts[account].edit(s.r))
	}
	all("run")
	s.equals(account, false)
}
