package oauth

import (
	"errors"
	"fmt"
	"net/http"
	"time"

	"golang.org/x/oauth2"
)

// What the zero values of [Config] stand for.
const (
	DefaultLeeway  = time.Minute
	DefaultTimeout = 30 * time.Second
)

// Config says how tokens are encrypted and refreshed. Key and Client are required.
type Config struct {
	// Key is what tokens are encrypted with (AES-256-GCM): 32 random bytes,
	// the same in all processes. It belongs where the service's other secrets are,
	// not into the database.
	Key []byte `json:"-"`
	// OldKeys open what was encrypted before Key was changed. A token moves to Key
	// when it is next refreshed or saved.
	OldKeys [][]byte `json:"-"`
	// Client is the service's account with the provider. Its Endpoint names the
	// AuthStyle: to try which one works would send a refresh token twice.
	Client *oauth2.Config `json:"-"`
	// HTTP makes the token requests, without redirects. Defaults to a client of
	// its own with net/http's transport.
	HTTP *http.Client `json:"-"`
	// Leeway is how long before it expires a token is refreshed, half of its life
	// at most. Defaults to [DefaultLeeway].
	Leeway time.Duration
	// Timeout limits a token request. Defaults to [DefaultTimeout].
	Timeout time.Duration
}

// String and GoString keep the keys out of a printed Config.
func (c Config) String() string   { return "oauth.Config [redacted]" }
func (c Config) GoString() string { return c.String() }

// withDefaults fills the zero values.
func (c Config) withDefaults() Config {
	if c.Leeway == 0 {
		c.Leeway = DefaultLeeway
	}
	if c.Timeout == 0 {
		c.Timeout = DefaultTimeout
	}
	client := http.Client{}
	if c.HTTP != nil {
		client = *c.HTTP
	}
	// 307 and 308 would send the refresh token on, to whatever host.
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	c.HTTP = &client
	return c
}

// validate says what is wrong, other than with the keys.
func (c Config) validate() error {
	switch {
	case c.Client == nil:
		return errors.New("client: missing")
	case c.Client.Endpoint.TokenURL == "":
		return errors.New("client: endpoint: token URL: missing")
	case c.Client.Endpoint.AuthStyle == oauth2.AuthStyleAutoDetect:
		return errors.New("client: endpoint: auth style: want InHeader or InParams: to detect it would send a refresh token twice")
	case c.Leeway < 0:
		return fmt.Errorf("leeway %v: want 0 or more", c.Leeway)
	case c.Timeout < 0:
		return fmt.Errorf("timeout %v: want more than 0", c.Timeout)
	}
	return nil
}
