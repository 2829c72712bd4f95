package main

import (
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"time"
)

// usage is what a process has used.
type usage struct {
	at     time.Time
	cpu    time.Duration
	allocs uint64
}

// begin forgets the peak of this process's memory, and is what it has used so far.
func begin() usage {
	debug.FreeOSMemory()
	_ = os.WriteFile("/proc/self/clear_refs", []byte("5"), 0) // Linux only
	return used()
}

func used() usage {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return usage{at: time.Now(), cpu: cpu(), allocs: m.Mallocs}
}

// peak is the largest resident memory since begin, in bytes. It is 0 where the
// system does not tell.
func peak() int64 { return procfs("/proc/self/status", "VmHWM:") * 1024 }

// written is how many bytes this process has given to the system to write, to
// files and to sockets. It is 0 where the system does not tell.
func written() int64 { return procfs("/proc/self/io", "wchar:") }

// procfs reads the number after a name.
func procfs(path, name string) int64 {
	file, _ := os.ReadFile(path)
	for line := range strings.Lines(string(file)) {
		if rest, ok := strings.CutPrefix(line, name); ok {
			n, _ := strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
			return n
		}
	}
	return 0
}
