package wire

import (
	"errors"
	"fmt"
	"net/http"
	"time"
)

// Config describes how an API is asked. Only BaseURL is required.
type Config struct {
	// BaseURL is what all URLs begin with, path prefix included:
	// "https://www.bookingsync.com/api/v3". It has no query, and no user name or
	// password: those are for Auth.
	BaseURL string
	// Hosts are further hosts, "https://pages.example.com", that may be asked. They get
	// the credentials, too. Redirects stay on the host of BaseURL. Defaults to none: a
	// URL of another host is remote.ErrForeignURL.
	Hosts []string
	// Auth puts the credentials on each request. Defaults to none.
	Auth Auth
	// HTTP makes the requests. Defaults to a client with a time limit of Timeout.
	// It is copied: redirects that leave the host of BaseURL are refused, on top
	// of its rules.
	HTTP *http.Client
	// Timeout limits one request, from dialing to the last byte of the body.
	// Defaults to 30 seconds.
	Timeout time.Duration
	// UserAgent and Header are sent with each request. UserAgent defaults to the
	// name and address of this library. Compression is negotiated by net/http, so
	// Header has no Accept-Encoding. Each request has its own id in X-Request-Id,
	// unless Header sets one; its repetitions keep it.
	UserAgent string
	Header    http.Header

	// Retry says how often a request is repeated, and how long it may wait.
	Retry Retry
	// Limiter says when requests may start. Clients with the same credentials
	// should share one. Defaults to the client's own, with the zero LimiterConfig.
	Limiter *Limiter
	// Limited reports whether an answer, of any status, says in its body that there
	// were too many requests: it is then [remote.ErrLimited], and repeated as a 429 is.
	// Of an answer that is not 2xx, it sees the first 16 KiB. It is called by several
	// requests at once. Defaults to none; a 429, a 4xx with Retry-After and a 403 whose
	// headers leave no request are limits by themselves.
	Limited func(status int, header http.Header, body []byte) bool
	// Breaker stops asking a host that keeps failing.
	Breaker Breaker
	// Clock is what all waiting goes by. Defaults to the real time.
	Clock Clock

	// MaxBodyBytes bounds the memory that one answer takes, after decompression.
	// A larger one is remote.ErrTooLarge. Defaults to 64 MiB.
	MaxBodyBytes int64
}

// userAgent names this library, with the version that it is developed as.
const userAgent = "synced/0 (+https://github.com/syncedgo/synced)"

// withDefaults fills the zero values.
func (c Config) withDefaults() Config {
	setDefault(&c.Timeout, 30*time.Second)
	setDefault(&c.UserAgent, userAgent)
	setDefault(&c.MaxBodyBytes, 64<<20)
	c.Header = c.Header.Clone()
	c.Retry = c.Retry.withDefaults()
	c.Breaker = c.Breaker.withDefaults()
	if c.Limiter == nil {
		c.Limiter = NewLimiter(LimiterConfig{})
	}
	if c.Clock == nil {
		c.Clock = systemClock{}
	}
	if c.HTTP == nil {
		c.HTTP = &http.Client{Timeout: c.Timeout, Transport: transport()}
	}
	return c
}

// validate returns what is wrong with the settings that have defaults.
func (c Config) validate() error {
	switch {
	case c.Timeout < 0:
		return fmt.Errorf("timeout %v: want more than 0", c.Timeout)
	case c.Timeout > 0 && c.Timeout < time.Millisecond:
		return fmt.Errorf("timeout %v: a time.Duration counts nanoseconds: write %d * time.Second", c.Timeout, c.Timeout)
	case c.MaxBodyBytes < 0:
		return fmt.Errorf("max body bytes %d: want more than 0", c.MaxBodyBytes)
	case c.Header.Get("Accept-Encoding") != "":
		return errors.New("header Accept-Encoding: leave it to net/http, which then decompresses")
	case c.Breaker.Wait < 0:
		return fmt.Errorf("breaker: wait %v: want more than 0", c.Breaker.Wait)
	}
	return c.Retry.validate()
}

// setDefault sets *v where it is zero.
func setDefault[T comparable](v *T, to T) {
	var zero T
	if *v == zero {
		*v = to
	}
}
