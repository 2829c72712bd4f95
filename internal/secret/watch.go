package secret

import (
	"context"
	"sync"
)

// mostWatched is how many credentials a context remembers, the last ones: an API whose
// requests are signed has another with each.
const mostWatched = 64

// mostRedacted is how much of an error's text is kept, in bytes.
const mostRedacted = 64 << 10

// Watch returns a context that remembers the credentials of the requests made in it, so
// that what a run tells of its records shows none.
func Watch(ctx context.Context) context.Context {
	if _, ok := ctx.Value(key{}).(*watched); ok {
		return ctx
	}
	return context.WithValue(ctx, key{}, &watched{})
}

// Tell tells a context of credentials. It may be called concurrently.
func Tell(ctx context.Context, texts Texts) {
	w, ok := ctx.Value(key{}).(*watched)
	if !ok || len(texts) == 0 {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.texts = w.texts.And(texts)
	if more := len(w.texts) - mostWatched; more > 0 {
		w.texts = append(Texts(nil), w.texts[more:]...)
	}
}

// Of returns what a context was told.
func Of(ctx context.Context) Texts {
	w, ok := ctx.Value(key{}).(*watched)
	if !ok {
		return nil
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.texts
}

type key struct{}

type watched struct {
	mu    sync.Mutex
	texts Texts
}

// Error takes the credentials out of an error's text. It unwraps to the error where it
// had one.
func (t Texts) Error(err error) error {
	if err == nil || len(t) == 0 {
		return err
	}
	text := err.Error()
	redacted := text
	if len(redacted) > mostRedacted {
		redacted = redacted[:mostRedacted] + "…"
	}
	if redacted = t.Within(redacted); redacted == text {
		return err
	}
	return &redactedError{redacted, err}
}

type redactedError struct {
	text string
	err  error
}

func (e *redactedError) Error() string { return e.text }
func (e *redactedError) Unwrap() error { return e.err }
