package wire

import (
	"context"
	"fmt"
	"net/http"
)

// renew says whether a request is to be sent again with other credentials. It
// returns the error of the answer where it is not, or why there are none.
func (c *Client) renew(ctx context.Context, x *exchange, refused *http.Request, answer *http.Response, err error) (bool, error) {
	renewer, ok := c.config.Auth.(Renewer)
	if !ok || x.renewed || answer.StatusCode != http.StatusUnauthorized {
		return false, err
	}
	x.renewed = true
	_ = answer.Body.Close() // what matters of it is read
	limited, cancel := context.WithTimeoutCause(ctx, c.config.Timeout, timeoutError{c.config.Timeout})
	defer cancel()
	if err := renewer.Renew(refused.WithContext(limited)); err != nil {
		return false, x.transport(fmt.Errorf("401 Unauthorized: renew: %w", ended(ctx, limited, err)))
	}
	return true, nil
}
