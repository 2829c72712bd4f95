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
}

func (p *picking) all(ctx context.Context, tx backend.Tx) error {
	for _, level := range p.levels {
		for more := true; more && p.free > 0; {
			list, err := ledger.ScheduleCandidates(ctx, tx, p.wanted(level), p.now, p.free+len(p.running)+1)
			if err != nil {
				return err
			}
			due := p.due(list)
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
func (p *picking) due(list []ledger.Candidate) (due []ledger.Target) {
	held := map[string]int{}
	for _, c := range list {
		if c.Next.After(p.now) {
			p.next = earlier(p.next, c.Next)
			return due
		}
		full := c.Credential != "" && c.Held+held[c.Credential] >= p.options.PerCredential
		// One that still runs here has been claimed for too short a time.
		if full || p.loop.running[c.Target] || p.free == 0 {
			continue
		}
		held[c.Credential]++
		p.free--
		p.picked, due = append(p.picked, c.Scheduled), append(due, c.Target)
	}
	return due
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}
