package observe

import "context"

// watched is what a context has.
type watched struct {
	by  list
	run Run
}

type key struct{}

// With returns a context in which the observers are told of what runs do, beside those that
// the context has already and those of the models. One that is there twice, also by a
// model's declaration, is told once.
//
// It serves one call, such as for a progress bar, or all that a service does: give it the
// context from which those of all calls are made, and set http.Server.BaseContext for calls
// that come from handlers.
func With(ctx context.Context, observers ...Observer) context.Context {
	before, _ := ctx.Value(key{}).(*watched)
	if before == nil {
		before = &watched{}
	}
	by := before.by.and(observers...)
	if len(by) == len(before.by) {
		return ctx
	}
	return context.WithValue(ctx, key{}, &watched{by: by, run: before.run})
}

// Watched reports whether a context has observers: it saves making events that nobody sees.
func Watched(ctx context.Context) bool {
	w, _ := ctx.Value(key{}).(*watched)
	return w != nil
}

// Tell tells the observers of a context, if it has any, of an event, and returns the
// context for what happens within. Runs do so. A remote.API that makes its requests by
// itself may tell [RequestMade].
func Tell(ctx context.Context, e Event) context.Context {
	w, _ := ctx.Value(key{}).(*watched)
	if w == nil {
		return ctx
	}
	if started, ok := e.(RunStarted); ok {
		ctx = context.WithValue(ctx, key{}, &watched{by: w.by, run: started.Run})
	}
	return w.by.Observe(ctx, e)
}

// RunOf returns the run that a context belongs to: in Observe, and in handlers of runs that
// are observed. It reports whether there is one.
func RunOf(ctx context.Context) (Run, bool) {
	if w, _ := ctx.Value(key{}).(*watched); w != nil {
		return w.run, w.run.Model != ""
	}
	return Run{}, false
}
