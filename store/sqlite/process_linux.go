package sqlite

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"syscall"
)

// host is where pids mean the same: the boot and the namespace of processes; ""
// where it is not told.
var host = sync.OnceValue(func() string {
	boot, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return ""
	}
	namespace, err := os.Readlink("/proc/self/ns/pid")
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(boot)) + " " + namespace
})

// self names this process: its host, its pid, and when it started.
var self = sync.OnceValue(func() string {
	_, started := stat(os.Getpid())
	return fmt.Sprintf("%s %d %s", host(), os.Getpid(), started)
})

// alive reports whether a process lives, where it is of this host.
func alive(holder string) (alive, known bool) {
	process, ours := strings.CutPrefix(holder, host()+" ")
	id, started, whole := strings.Cut(process, " ")
	pid, err := strconv.Atoi(id)
	if !ours || !whole || err != nil || pid <= 0 || host() == "" || started == "" {
		return false, false
	}
	if errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) {
		return false, true
	}
	// Other users' processes may be hidden.
	state, since := stat(pid)
	return since == "" || since == started && state != "Z" && state != "X", true
}

// stat returns the state of a process and when it started; "" where it is not told.
func stat(pid int) (state, started string) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return "", ""
	}
	// The second field is the name, which may hold anything.
	fields := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:]))
	if len(fields) < 20 {
		return "", ""
	}
	return fields[0], fields[19]
}
