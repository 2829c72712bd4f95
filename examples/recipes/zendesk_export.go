package recipes

import (
	"time"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/rest"
	"github.com/syncedgo/synced/remote/wire"
	"github.com/syncedgo/synced/strategy"
)

// ZendeskTicket is a ticket.
type ZendeskTicket struct {
	SyncedID int64  `json:"id" db:"synced_id"`
	Subject  string `json:"subject" db:"subject"`
	Status   string `json:"status" db:"status"`
}

// ZendeskExport declares the tickets; base is https://SUBDOMAIN.zendesk.com/api/v2.
func ZendeskExport(base, email, token string) (synced.Synced[ZendeskTicket], error) {
	api, err := rest.NewClient(rest.Config{
		BaseURL:    base,
		Auth:       wire.Basic(email+"/token", token),
		PerPage:    1000,
		RecordsKey: "tickets",
		Pagination: rest.NextURL{Path: "after_url", EndPath: "end_of_stream", Stable: true},
		Since:      rest.Since{Param: "start_time", Format: rest.Unix},
		Limiter:    wire.NewLimiter(wire.LimiterConfig{PerSecond: 10. / 60, Burst: 10}),
		Record:     rest.Record{Path: "tickets/%s.json", Key: "ticket"},
	})
	return synced.Synced[ZendeskTicket]{
		Table:    "zendesk_tickets",
		Endpoint: "incremental/tickets/cursor.json",
		API:      api,
		Strategy: strategy.UpdatedSince{
			Initial:   time.Unix(1, 0), // start_time is required
			Tolerance: 5 * time.Minute, // what changed within the last minute is left out
			Fallbacks: []strategy.TimeSource{strategy.ResponseDate{}},
		},
		Remove: synced.Destroy{},
		Tombstone: func(o remote.Object) bool {
			status, _ := remote.Get[string](o, "status")
			return status == "deleted"
		},
	}, err
}
