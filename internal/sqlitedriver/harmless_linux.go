package sqlitedriver

import (
	"fmt"
	"os"
	"strings"
)

// harmless reports whether a descriptor only reads a file on which this process has no
// lock to lose: a copy being made, say.
func harmless(fd int) bool {
	info, err := os.ReadFile(fmt.Sprintf("/proc/self/fdinfo/%d", fd))
	if err != nil {
		return false
	}
	_, flags, _ := strings.Cut(string(info), "flags:")
	flags, _, _ = strings.Cut(flags, "\n")
	const reads = "04" // the last octal digit of the flags, of which two bits tell reading from writing
	return flags != "" && strings.Contains(reads, flags[len(flags)-1:]) && !strings.Contains(string(info), "POSIX")
}
