package twoway_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/syncedgo/synced/journal"
	"github.com/syncedgo/synced/peer"
)

// saga is what happens to three sites.
type saga struct {
	sites          []*site
	links          []*link
	writes, labels int
	// accepted are the texts that transactions have written.
	accepted map[*site][]string
}

// step is something that happens: a transaction, or an exchange.
type step struct {
	Site, Link int
	Deeds      []deed // of a transaction; an exchange has none
	Fault      fault
	At, Looks  int
}

func (s step) String() string {
	if len(s.Deeds) > 0 {
		return fmt.Sprintf("site %d: %v", s.Site, s.Deeds)
	}
	return fmt.Sprintf("link %d: %s at %d, %d", s.Link, s.Fault, s.At, s.Looks)
}

var someDeed = rapid.Custom(func(t *rapid.T) deed {
	return deed{rapid.IntRange(0, len(deeds)-1).Draw(t, "kind"), rapid.IntRange(0, 5).Draw(t, "a"), rapid.IntRange(0, 5).Draw(t, "b")}
})

var someStep = rapid.Custom(func(t *rapid.T) step {
	if rapid.IntRange(0, 2).Draw(t, "what") < 2 {
		return step{Site: rapid.IntRange(0, 2).Draw(t, "site"), Deeds: rapid.SliceOfN(someDeed, 1, 4).Draw(t, "deeds")}
	}
	s := step{Link: rapid.IntRange(0, 1).Draw(t, "link"), Fault: fault(rapid.IntRange(0, int(faults)-1).Draw(t, "fault"))}
	if s.Fault != none {
		s.At, s.Looks = rapid.IntRange(0, 5).Draw(t, "at"), rapid.IntRange(0, 120).Draw(t, "looks")
	}
	return s
})

// policies are those of models.
var policies = []struct {
	name string
	peer.Policy
}{
	{"keep", peer.Keep}, {"remote", peer.RemoteWins}, {"local", peer.LocalWins}, {"newest", peer.Newest}, {"merge", peer.MergeColumns(peer.Newest)},
	{"merge, else keep", peer.MergeColumns(nil)},
	{"function", func(_ context.Context, c peer.Conflict) (peer.Decision, error) {
		if c.Theirs == nil || c.Ours == nil {
			return peer.Theirs, nil
		}
		return peer.Row(journal.Row{"body": fmt.Sprint(c.Ours["body"], "+", c.Theirs["body"])}), nil
	}},
}

// play plays a case, and judges.
func (g *saga) play(t *rapid.T) {
	policy := rapid.IntRange(0, len(policies)-1).Draw(t, "policy")
	chain := rapid.Bool().Draw(t, "chain")
	g.writes, g.labels, g.accepted = 0, 0, map[*site][]string{}
	for _, s := range g.sites {
		s.clean(t)
		s.policy = policies[policy].Policy
	}
	// A star: the middle one is the handler of both. A chain: it is the client of the third.
	g.links = []*link{{client: g.sites[0], handler: g.sites[1]}, {client: g.sites[2], handler: g.sites[1]}}
	if chain {
		g.links[1].client, g.links[1].handler = g.sites[1], g.sites[2]
	}
	for i, l := range g.links {
		l.decides = rapid.Bool().Draw(t, fmt.Sprint("client of link ", i, " decides"))
		l.check = func() { l.client.whole(t); l.handler.whole(t) }
		l.connect(t)
	}
	for _, s := range rapid.SliceOfN(someStep, 1, 14).Draw(t, "steps") {
		if len(s.Deeds) > 0 {
			g.sites[s.Site].write(t, g, s.Deeds)
			continue
		}
		_, _ = g.links[s.Link].exchange(t, s.Fault, s.At, s.Looks)
	}
	g.settle(t)
	for _, l := range g.links {
		l.listed(t)
	}
	g.resolve(t)
	g.verdict(t)
}

// mostRounds is how often sites may exchange until they are quiet.
const mostRounds = 30

// settle exchanges until nothing moves in two rounds: what one exchange has applied may have to
// go on by another, which was before it.
func (g *saga) settle(t *rapid.T) {
	for rounds, still := 0, 0; rounds < mostRounds; rounds++ {
		quiet := true
		for _, l := range g.links {
			r, _ := l.exchange(t, none, 0, 0)
			quiet = quiet && r.Quiet()
		}
		if !quiet {
			still = 0
		} else if still++; still == 2 {
			return
		}
	}
	for _, s := range g.sites {
		failures, _ := s.p.Failures(context.Background())
		t.Logf("%s: %+v", s.name, failures)
	}
	require.Fail(t, "it never becomes quiet")
}

// resolve decides all conflicts, as persons do.
func (g *saga) resolve(t *rapid.T) {
	ctx := context.Background()
	for range mostRounds {
		open := 0
		for _, s := range g.sites {
			list, err := s.p.Conflicts(ctx)
			require.NoError(t, err)
			open += len(list)
			for _, c := range list {
				if c.Undecided {
					continue
				}
				decision := []peer.Decision{peer.Ours, peer.Theirs}[rapid.IntRange(0, 1).Draw(t, "decision")]
				if s.p.Resolve(ctx, c.ID, decision) != nil {
					require.NoError(t, s.p.Resolve(ctx, c.ID, peer.Ours), "%s: %s: %+v", s.name, c.Reason, c)
				}
			}
		}
		if open == 0 {
			return
		}
		g.settle(t)
	}
	for _, s := range g.sites {
		list, _ := s.p.Conflicts(ctx)
		t.Logf("%s: %+v", s.name, list)
	}
	require.Fail(t, "conflicts never end")
}

// names are those of the sites.
var names = []string{"one", "two", "three"}

func newSaga(t *testing.T, kinds ...string) *saga {
	g := &saga{}
	for i, kind := range kinds {
		g.sites = append(g.sites, newSite(t, kind, ":memory:", names[i], 7))
	}
	return g
}

// stores are those of the three sites: a few cases are played on PostgreSQL, too.
var stores = [][]string{{"sqlite", "sqlite", "sqlite"}, {"sqlite", "postgres", "sqlite"}, {"postgres", "sqlite", "postgres"}}

// TestContract_C390_ThreePeersAgree plays cases on as many workers as there are cores in CI.
// The databases are made once, and emptied for each case, which takes about 50 ms of a core. For
// 10,000 cases: go test -run C390 -timeout 1h -rapid.checks=5000, since each worker plays so many.
func TestContract_C390_ThreePeersAgree(t *testing.T) {
	t.Parallel()
	for worker := range 2 {
		t.Run(fmt.Sprint(worker), func(t *testing.T) {
			t.Parallel()
			played := make([]int, len(stores))
			sagas := make([]*saga, len(stores))
			for i, kinds := range stores {
				sagas[i] = newSaga(t, kinds...)
			}
			rapid.Check(t, func(t *rapid.T) {
				// Most numbers that rapid draws are small.
				n := max(0, rapid.IntRange(0, 63).Draw(t, "stores")-61)
				played[n]++
				sagas[n].play(t)
			})
			t.Logf("cases: %v on %v", played, stores)
		})
	}
}
