package redact_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/internal/redact"
	"github.com/syncedgo/synced/remote"
)

// Errors quote nothing that rules may concern, also where another error has quoted them.
func TestErrors(t *testing.T) {
	t.Parallel()
	status := func(body string) error {
		return &remote.Error{Method: "GET", URL: "https://example.com", Status: 422, Excerpt: body}
	}
	for _, c := range []struct {
		paths []string
		err   error
		want  []string
		not   string
	}{
		{[]string{"guest.email"}, status(`{"errors":{"email":["secret is taken"]}}`), []string{"GET https://example.com: 422", "[not quoted"}, "secret"},
		{[]string{"guest.email"}, status(`{"errors":{"e\u006dail":"secret"}}`), []string{"[not quoted"}, "secret"},
		{[]string{"guest.email"}, status(`{"errors":["updated_since is no time"]}`), []string{"updated_since is no time"}, "[not"},
		{[]string{"guests.*"}, status("anything secret"), []string{"[not quoted"}, "secret"},
		{[]string{"email"}, fmt.Errorf("%w: %w", remote.ErrSinceRejected, status(`{"email":"secret"}`)), []string{"rejected", "[not quoted"}, "secret"},
		{[]string{"email"}, fmt.Errorf("two: %w", errors.Join(status("none"), status(`email: secret`))), []string{"none", "[not quoted"}, "secret"},
		{[]string{"email"}, &remote.FormatError{Reason: "the answer is not JSON", Excerpt: "secret"}, []string{"the answer is not JSON"}, "secret"},
		{[]string{"email"}, fmt.Errorf("what was deleted: %w", &remote.FormatError{Reason: "no list", Excerpt: "secret"}), []string{"what was deleted", "no list"}, "secret"},
		{[]string{"email"}, context.Canceled, []string{"canceled"}, "[not"},
	} {
		api := redact.New([]redact.Rule{rule(t, redact.Drop, c.paths...)}).API(failing{c.err})
		for _, err := range api.Pages(t.Context(), remote.Request{}) {
			for _, want := range c.want {
				require.ErrorContains(t, err, want)
			}
			require.NotContains(t, err.Error(), c.not)
			require.ErrorIs(t, err, c.err)
			if e, ok := errors.AsType[*remote.Error](err); ok && len(c.want) > 1 {
				require.NotContains(t, e.Excerpt, "secret")
			}
		}
	}
}

func TestErrors_OfOneRecord(t *testing.T) {
	t.Parallel()
	api := redact.New([]redact.Rule{rule(t, redact.Mask, "email")}).API(failing{&remote.Error{Status: 422, Excerpt: `{"email":"secret"}`}})
	_, err := api.(remote.Getter).Get(t.Context(), remote.Request{}, "1")
	require.ErrorIs(t, err, remote.ErrInvalid)
	require.NotContains(t, err.Error(), "secret")
}

// failing is an API that answers with an error.
type failing struct{ err error }

func (f failing) Pages(context.Context, remote.Request) iter.Seq2[*remote.Page, error] {
	return func(yield func(*remote.Page, error) bool) { yield(nil, f.err) }
}

func (f failing) Get(context.Context, remote.Request, string) (remote.Object, error) {
	return remote.Object{}, f.err
}
