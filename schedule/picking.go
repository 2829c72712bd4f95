package schedule

import (
	"context"
	"time"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/ledger"
)

// picking chooses what to claim in one transaction.
type picking struct {
	*loop
	now time.Time
	// free is how many more can be claimed, picked those that were, and next is when to
	// look again.
	free   int
	picked []ledger.Scheduled
	next   time.Time
	// below are the levels after the one in hand, and deferred whether a slice was left to
	// what is due there.
	below    []level
	deferred bool
}

func (p *picking) all(ctx context.Context, tx backend.Tx) error {
	err := p.each(ctx, tx, true)
	if err == nil && p.deferred && p.free > 0 {
		err = p.each(ctx, tx, false)
	}
	return err
}

// each picks of all levels. Where it defers, a slice lets what has been due for longer go
// first, whatever its priority.
func (p *picking) each(ctx context.Context, tx backend.Tx, defers bool) error {
	for n, level := range p.levels {
		p.below = nil
		if defers {
			p.below = p.levels[n+1:]
		}
		for more := true; more && p.free > 0; {
			list, err := ledger.ScheduleCandidates(ctx, tx, p.wanted(level), p.now, p.free+len(p.running)+1)
			if err != nil {
				return err
			}
			due, err := p.due(ctx, tx, list)
			if err != nil {
				return err
			}
			if err := ledger.ClaimSchedules(ctx, tx, p.by, p.now, p.now.Add(p.options.Lease), due); err != nil {
				return err
			}
			// Those of a credential that is used up hide others, until that is written.
			more = len(due) > 0
		}
	}
	return nil
}

// due picks of some candidates those that are due.
func (p *picking) due(ctx context.Context, tx backend.Tx, list []ledger.Candidate) (due []ledger.Target, err error) {
	held := map[string]int{}
	for _, c := range list {
		if c.Next.After(p.now) {
			p.next = earlier(p.next, c.Next)
			return due, nil
		}
		full := c.Credential != "" && c.Held+held[c.Credential] >= p.options.PerCredential
		// One that still runs here has been claimed for too short a time.
		if full || p.loop.running[c.Target] || p.free == 0 {
			continue
		}
		if sliced(c.Scheduled) {
			wait, err := p.waits(ctx, tx, c.Next)
			if err != nil {
				return nil, err
			}
			if wait {
				p.deferred = true
				continue
			}
		}
		held[c.Credential]++
		p.free--
		p.picked, due = append(p.picked, c.Scheduled), append(due, c.Target)
	}
	return due, nil
}

// sliced reports whether the last run of a target ended for the sake of others, or was
// canceled: it is due from then on.
func sliced(s ledger.Scheduled) bool { return !s.Ended.IsZero() && s.Next.Equal(s.Ended) }

// waits reports whether something of a lower level has been due since before a time.
func (p *picking) waits(ctx context.Context, tx backend.Tx, since time.Time) (bool, error) {
	for _, level := range p.below {
		list, err := ledger.ScheduleCandidates(ctx, tx, p.wanted(level), p.now, 1)
		if err != nil || len(list) > 0 && list[0].Next.Before(since) && !p.loop.running[list[0].Target] {
			return err == nil, err
		}
	}
	return false, nil
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}
