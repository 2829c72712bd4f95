package schedule

import (
	"fmt"
	"runtime"
	"strings"
)

// recovered, deferred, makes a panic of the service's code an error that says where it
// came from.
func recovered(err *error, in string) {
	p := recover()
	if p == nil {
		return
	}
	pcs := make([]uintptr, 64)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs)])
	for {
		frame, more := frames.Next()
		if !strings.HasPrefix(frame.Function, "runtime.") {
			*err = fmt.Errorf("%s: panic in %s (line %d): %v", in, frame.Function, frame.Line, p)
			return
		}
		if !more {
			*err = fmt.Errorf("%s: panic: %v", in, p)
			return
		}
	}
}
