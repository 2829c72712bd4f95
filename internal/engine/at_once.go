package engine

import (
	"sync"
	"sync/atomic"
)

// atOnce calls do with 0 to n-1, some at once, until one call returns false. It returns when
// no call is under way. A panic of do, as of a function of the service's, is the caller's.
func atOnce(most, n int, do func(i int) bool) {
	var wait sync.WaitGroup
	var next atomic.Int64
	var ended atomic.Bool
	var panicked atomic.Pointer[any]
	for range min(most, n) {
		wait.Go(func() {
			defer func() {
				if p := recover(); p != nil {
					panicked.CompareAndSwap(nil, &p)
					ended.Store(true)
				}
			}()
			for i := int(next.Add(1)) - 1; i < n && !ended.Load(); i = int(next.Add(1)) - 1 {
				if !do(i) {
					ended.Store(true)
				}
			}
		})
	}
	wait.Wait()
	if p := panicked.Load(); p != nil {
		panic(*p)
	}
}
