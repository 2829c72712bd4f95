package windows_test

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/remote/rest"
	"github.com/syncedgo/synced/remote/wire"
	"github.com/syncedgo/synced/strategy"
)

const day = 24 * time.Hour

// span is a remote that lists what changed in at most ten days at once.
type span struct {
	*harness.Bundle
	srv    *remotetest.Server
	config rest.Config
}

// onEach runs a test on both stores, with one window at a time and with three in flight.
func onEach(t *testing.T, test func(t *testing.T, s *span)) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		for _, inFlight := range []int{1, 3} {
			t.Run(fmt.Sprintf("%d in flight", inFlight), func(t *testing.T) {
				test(t, spanned(t, b, inFlight, remotetest.Config{}))
			})
			b.Execute(t, "DROP TABLE IF EXISTS rentals")
			for _, own := range []string{"synced_times", "synced_runs", "synced_quarantine"} {
				b.Execute(t, "DELETE FROM "+own)
			}
		}
	})
}

func spanned(t testing.TB, b *harness.Bundle, inFlight int, config remotetest.Config) *span {
	t.Helper()
	config.PerPage, config.Since.Param, config.Since.Until, config.Since.Window = 3, "from", "to", 10*day
	srv := remotetest.New(config)
	t.Cleanup(srv.Close)
	return &span{Bundle: b, srv: srv, config: rest.Config{
		BaseURL: srv.URL(), HTTP: srv.Client(), Retry: wire.Retry{Max: -1}, Limiter: wire.NewLimiter(wire.LimiterConfig{InFlight: 1}),
		Since: rest.Since{Param: "from", Until: "to", Window: 10 * day, Format: config.Since.Format, Exclusive: config.Since.Exclusive}, InFlight: inFlight,
	}}
}

func (s *span) client(t testing.TB) *rest.Client {
	t.Helper()
	api, err := rest.NewClient(s.config)
	require.NoError(t, err)
	return api
}

// rentals are those of the remote, from the day on when it began.
func (s *span) rentals(t testing.TB, u strategy.UpdatedSince, change ...func(*synced.Synced[harness.Rental])) *synced.Model[harness.Rental] {
	t.Helper()
	if u.Initial.IsZero() {
		u.Initial = remotetest.Start
	}
	d := harness.Incremental(u)
	d.API = s.client(t)
	for _, f := range change {
		f(&d)
	}
	if len(s.Column(t, s.tables())) == 0 {
		require.NoError(t, d.CreateTable(context.Background(), s.DB))
	}
	return harness.Bind(t, s.Bundle, d)
}

func (s *span) tables() string {
	if s.Pool == nil {
		return "SELECT name FROM sqlite_schema WHERE name = 'rentals'"
	}
	return "SELECT table_name FROM information_schema.tables WHERE table_name = 'rentals'"
}

// live puts a rental every some days, and ends a day later.
func (s *span) live(n int, every time.Duration) {
	for i := range n {
		s.srv.Collection("rentals").Put(remotetest.Record{"id": i + 1, "name": fmt.Sprint(i + 1)})
		s.srv.Advance(every)
	}
}

// asked lists the windows that were asked for, as days since the beginning.
func (s *span) asked(t testing.TB) []string {
	t.Helper()
	list := []string{}
	for _, r := range s.srv.Log() {
		if r.Page > 1 || r.Query.Get("from") == "" {
			continue
		}
		from, err := time.Parse(time.RFC3339, r.Query.Get("from"))
		require.NoError(t, err)
		until, err := time.Parse(time.RFC3339, r.Query.Get("to"))
		require.NoError(t, err)
		list = append(list, fmt.Sprintf("%.0f-%.0f", from.Sub(remotetest.Start).Hours()/24, until.Sub(remotetest.Start).Hours()/24))
	}
	s.srv.ResetLog()
	slices.SortStableFunc(list, func(a, b string) int { return begins(t, a) - begins(t, b) }) // several are asked for at once
	return list
}

// begins is when a window begins that asked has listed.
func begins(t testing.TB, window string) int {
	from, _, _ := strings.Cut(strings.TrimPrefix(window, "-"), "-")
	n, err := strconv.Atoi(from)
	require.NoError(t, err)
	return n
}

func (s *span) times(t testing.TB) []string {
	t.Helper()
	return s.Column(t, "SELECT source FROM synced_times ORDER BY synced_at")
}

func TestContract_C170_ARunAsksForOneWindowAfterTheOther(t *testing.T) {
	onEach(t, func(t *testing.T, s *span) {
		s.live(12, 3*day) // until day 36
		rentals := s.rentals(t, strategy.UpdatedSince{})
		result := harness.Sync(t, rentals, synced.In(1))
		require.Equal(t, harness.Counts{Created: 12}, harness.CountsOf(result))
		require.Equal(t, remotetest.Start.Add(-5*time.Second), result.Since)
		require.Equal(t, []string{"window", "window", "window", "remote"}, s.times(t))
		require.WithinRange(t, result.StoredTime, remotetest.Start.Add(36*day), remotetest.Start.Add(36*day+time.Minute))
		require.Equal(t, "remote", result.TimeSource)
		require.Subset(t, s.asked(t), []string{"-0-10", "10-20", "20-30", "30-40"})

		s.srv.Advance(4 * day)
		s.srv.Collection("rentals").Update(2, remotetest.Record{"name": "two"})
		result = harness.Sync(t, rentals, synced.In(1))
		require.Equal(t, harness.Counts{Updated: 1}, harness.CountsOf(result))
		require.Contains(t, s.asked(t), "36-46")
	})
}

// A window that may lack something keeps the time of the window before, and so do those
// after it. What they list is written.
func TestContract_C170_TheTimeStopsBeforeAWindowThatIsNotComplete(t *testing.T) {
	onEach(t, func(t *testing.T, s *span) {
		s.live(12, 3*day)
		lies := true
		s.srv.OnRequest(func(r remotetest.Request) {
			q := remotetest.Quirks{}
			if from, _ := time.Parse(time.RFC3339, r.Query.Get("from")); lies && from.Before(remotetest.Start.Add(11*day)) && from.After(remotetest.Start.Add(9*day)) {
				q.WrongTotal = 2
			}
			s.srv.SetQuirks(q)
		})
		rentals := s.rentals(t, strategy.UpdatedSince{})
		result := harness.Sync(t, rentals, synced.In(1))
		require.Equal(t, 12, result.Created)
		require.Equal(t, "changes from 2026-01-11T11:59:48Z until 2026-01-21T11:59:46Z: the remote said that it has 5 records and listed 3", result.NotStored)
		require.Equal(t, []string{"window"}, s.times(t))
		require.WithinDuration(t, remotetest.Start.Add(10*day), result.StoredTime, time.Minute)
		s.asked(t)

		lies = false
		result = harness.Sync(t, rentals, synced.In(1))
		require.Equal(t, 8, result.Unchanged)
		require.Empty(t, result.NotStored)
		require.Equal(t, "10-20", s.asked(t)[0])
		require.Equal(t, "remote", result.TimeSource)
	})
}

func TestContract_C171_ARunThatDiesBetweenWindowsIsContinued(t *testing.T) {
	onEach(t, func(t *testing.T, s *span) {
		s.live(12, 3*day)
		rentals := s.rentals(t, strategy.UpdatedSince{})
		ctx, cancel := context.WithCancel(t.Context())
		s.srv.OnRequest(func(r remotetest.Request) {
			if from, _ := time.Parse(time.RFC3339, r.Query.Get("from")); from.After(remotetest.Start.Add(19 * day)) {
				cancel()
			}
		})
		result, err := rentals.Synchronize(ctx, synced.In(1))
		require.ErrorIs(t, err, context.Canceled)
		require.LessOrEqual(t, result.Created, 7)
		require.False(t, result.StoredTime.After(remotetest.Start.Add(20*day)), "it is the end of a window, not the remote's now")
		stored := len(s.times(t))
		require.LessOrEqual(t, stored, 2)
		fresh, err := rentals.Freshness(t.Context(), synced.In(1))
		require.NoError(t, err)
		require.Zero(t, fresh.LastSuccess, "not all windows were asked for")
		s.asked(t)

		s.srv.OnRequest(nil)
		again := harness.Sync(t, rentals, synced.In(1))
		require.Equal(t, 12, result.Created+again.Created)
		require.Equal(t, []string{"-0-10", "10-20", "20-30"}[stored], s.asked(t)[0])
		fresh, err = rentals.Freshness(t.Context(), synced.In(1))
		require.NoError(t, err)
		require.NotZero(t, fresh.LastSuccess)
	})
}

// A record that changes while the windows are asked for is in a later one, or in the next
// run.
func TestContract_C172_ARecordThatMovesToALaterWindowIsSeen(t *testing.T) {
	onEach(t, func(t *testing.T, s *span) {
		s.live(12, 3*day)
		rentals := s.rentals(t, strategy.UpdatedSince{Tolerance: -1})
		n := 0
		s.srv.OnRequest(func(r remotetest.Request) {
			if n++; n <= 12 {
				s.srv.Collection("rentals").Update(n, remotetest.Record{"name": fmt.Sprint("new ", n)})
			}
		})
		harness.Sync(t, rentals, synced.In(1))
		s.srv.OnRequest(nil)
		harness.Sync(t, rentals, synced.In(1))
		for i, name := range harness.Names(t, rentals, synced.In(1)) {
			record, _ := s.srv.Collection("rentals").Get(i + 1)
			require.Equal(t, record["name"], name)
		}
	})
}

// What is told as deleted in a window is removed with it.
func TestContract_C172_DeletionsOfAWindow(t *testing.T) {
	onEach(t, func(t *testing.T, s *span) {
		s.live(12, 3*day)
		rentals := s.rentals(t, strategy.UpdatedSince{}, func(d *synced.Synced[harness.Rental]) { d.Remove = synced.Destroy{} })
		harness.Sync(t, rentals, synced.In(1))
		s.srv.Collection("rentals").Delete(2, 3)
		s.srv.Advance(15 * day)
		s.srv.Collection("rentals").Put(remotetest.Record{"id": 3, "name": "again"})
		s.srv.Collection("rentals").Delete(4)
		result := harness.Sync(t, rentals, synced.In(1))
		require.Equal(t, harness.Counts{Updated: 1, Removed: 2}, harness.CountsOf(result))
		require.Equal(t, []string{"1", "again", "5", "6", "7", "8", "9", "10", "11", "12"}, harness.Names(t, rentals, synced.In(1)))
	})
}

// The clocks of the two machines may be far apart.
func TestContract_C172_Clocks(t *testing.T) {
	for name, off := range map[string]time.Duration{"behind by years": -20 * 365 * day, "behind": -2 * time.Hour, "ahead": 2 * time.Hour} {
		t.Run(name, func(t *testing.T) {
			harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
				began := time.Now().Add(off - 20*day)
				s := spanned(t, b, 2, remotetest.Config{Clock: func() time.Time { return began }})
				s.live(6, 4*day) // until four days after now, by the remote's clock
				rentals := s.rentals(t, strategy.UpdatedSince{Initial: began.Add(-day), Tolerance: -1})
				s.srv.Advance(-4 * day)
				harness.Sync(t, rentals, synced.In(1))
				require.Len(t, harness.Names(t, rentals, synced.In(1)), 6)
				s.srv.Advance(time.Minute)
				s.srv.Collection("rentals").Update(1, remotetest.Record{"name": "later"})
				harness.Sync(t, rentals, synced.In(1))
				require.Equal(t, "later", harness.Names(t, rentals, synced.In(1))[0])
				stored := harness.Sync(t, rentals, synced.In(1)).StoredTime
				require.False(t, stored.After(s.srv.Now()), "%s is after %s", stored, s.srv.Now())
			})
		})
	}
}
