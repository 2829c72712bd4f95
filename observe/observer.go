// Package observe tells what runs do while they do it: for logs, progress, metrics, traces
// and alerts.
//
// An [Observer] is declared with a model (synced.Synced.Observer), or watches the calls that
// are made with a context ([With]), of any model:
//
//	progress := observe.Func(func(ctx context.Context, e observe.Event) context.Context {
//		switch e := e.(type) {
//		case observe.PageReceived:
//			fmt.Println("page", e.Number, "with", e.Records, "records")
//		case observe.RunEnded:
//			fmt.Println(e.Run.Model, e.Result, e.Err)
//		}
//		return ctx
//	})
//	result, err := rentals.Synchronize(observe.With(ctx, progress), synced.In(42))
//
// A run of which nobody observes anything does nothing for it.
package observe

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"runtime/debug"
	"slices"
)

// Observer is told of the events of runs.
//
// Observe returns the context for what happens within: all of the run after [RunStarted],
// requests and statements included, and the transaction after [WriteStarted]. It is ctx, or
// one made of it. RunEnded and WriteEnded come with that context again, so a span that it
// carries ends there. What Observe returns for other events is not used.
//
// Runs go beside each other, so Observe may be called concurrently. The events of one run
// come one after the other, but for [RequestMade], which may come at any time between its
// RunStarted and its RunEnded, and for the runs of single parents, which lie within the run
// of all and beside each other. The run waits until Observe returns. A panic in it is
// recovered, and told to the other observers as [Trouble].
type Observer interface {
	Observe(ctx context.Context, e Event) context.Context
}

// Func makes an [Observer] of a function.
func Func(f func(ctx context.Context, e Event) context.Context) Observer { return &function{f} }

// function is a pointer so that it can be found among others.
type function struct {
	f func(context.Context, Event) context.Context
}

func (f *function) Observe(ctx context.Context, e Event) context.Context { return f.f(ctx, e) }

// Join makes one [Observer] of several. Each is told of an event in turn, with the context
// that the one before it returned. Those that are nil are left out; it is nil if all are.
func Join(observers ...Observer) Observer {
	switch all := (list)(nil).and(observers...); len(all) {
	case 0:
		return nil
	case 1:
		return all[0]
	default:
		return all
	}
}

// list are observers, none of them a list.
type list []Observer

// and adds those to a list that it does not have.
func (l list) and(more ...Observer) list {
	for _, o := range more {
		inner, joined := o.(list)
		switch v := reflect.ValueOf(o); {
		case joined:
			l = l.and(inner...)
		case !v.IsValid(), v.Kind() == reflect.Pointer && v.IsNil():
		case v.Comparable() && slices.ContainsFunc(l, func(other Observer) bool { return reflect.ValueOf(other).Comparable() && other == o }):
		default:
			l = append(slices.Clip(l), o)
		}
	}
	return l
}

// Observe tells each of them.
func (l list) Observe(ctx context.Context, e Event) context.Context {
	for i := range l {
		within, panicked := tell(ctx, l[i], e)
		if panicked != nil {
			for j := range l {
				if j != i {
					_, _ = tell(ctx, l[j], Trouble{Err: panicked})
				}
			}
		}
		ctx = within
	}
	return ctx
}

// tell tells one observer. Its panic is an error, and its nil the context as it was.
func tell(ctx context.Context, o Observer, e Event) (within context.Context, panicked error) {
	defer func() {
		if p := recover(); p != nil {
			within, panicked = ctx, fmt.Errorf("%w at %T: %v\n%s", ErrPanicked, e, p, debug.Stack())
		}
	}()
	if within = o.Observe(ctx, e); within == nil {
		within = ctx
	}
	return within, nil
}

// ErrPanicked is the error of a [Trouble] that an observer made. The run goes on.
var ErrPanicked = errors.New("an observer panicked")
