package remotetest

import "time"

// Start is when the virtual clock starts.
var Start = time.Date(2026, time.January, 1, 12, 0, 0, 0, time.UTC)

// Config describes a [Server]. The zero value is a server that asks for no
// credentials.
type Config struct {
	// Seed is what [Collection.Generate] draws from.
	Seed uint64
	// PerPage is the number of records on a page where the request does not say.
	// Defaults to 100.
	PerPage int
	// MaxPerPage caps what the request says, silently, as many APIs do. Defaults
	// to 1000, or to PerPage where that is more.
	MaxPerPage int
	// Token is the token of the default account, a bearer token unless Auth says
	// otherwise. Where it is set, requests
	// without a known token get a 401. Where it is not, requests without a token
	// are the default account's, and so are those with an unknown one as long as
	// no other account was made.
	Token string
	// Clock replaces the virtual clock. It is called by many goroutines at once.
	Clock func() time.Time
	// Tick is how far each request moves the virtual clock, so that the first
	// page of a run has an earlier time than the last. Defaults to a second;
	// negative stands still.
	Tick time.Duration
	// Auth is where requests have their token.
	Auth Auth
	// Style is how pages follow each other, Since how changes are asked for, and
	// Deletions how deleted records are told. They default to BookingSync's ways.
	Style     Style
	Since     Since
	Deletions Deletions
	// Export makes the API one whose lists are made by jobs. Defaults to none.
	Export *Export
	// Positions is how lists tell where their changes stand, and Events a list of events
	// beside them. They default to none.
	Positions Positions
	Events    Events
	// Limit is how many requests an account may make. Defaults to any number.
	Limit Limit
	// Quirks is how this API differs from a good one.
	Quirks Quirks
}

// withDefaults fills the zero values.
func (c Config) withDefaults() Config {
	if c.PerPage <= 0 {
		c.PerPage = 100
	}
	if c.MaxPerPage <= 0 {
		c.MaxPerPage = max(1000, c.PerPage)
	}
	if c.Tick == 0 {
		c.Tick = time.Second
	}
	c.Style = c.Style.withDefaults()
	c.Since = c.Since.withDefaults()
	c.Deletions = c.Deletions.withDefaults(c.Style)
	c.Positions = c.Positions.withDefaults(c.Style)
	c.Events = c.Events.withDefaults()
	c.Limit = c.Limit.withDefaults()
	if c.Export != nil {
		c.Export = c.Export.withDefaults()
	}
	return c
}
