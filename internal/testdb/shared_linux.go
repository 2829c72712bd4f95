package testdb

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// runner is the go command that runs this test process, and others before, beside and after it.
type runner struct {
	pid     int
	started string // in ticks since the system's start, as /proc has it: ids of processes come again
}

// runnerOf returns the parent of this process, if it is the go command.
func runnerOf() (runner, bool) {
	pid := os.Getppid()
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return runner{}, false
	}
	// pid (name) state …: the start is the 20th field after the name.
	head, tail, _ := strings.Cut(string(stat), ") ")
	_, name, _ := strings.Cut(head, "(")
	fields := strings.Fields(tail)
	if name != "go" || len(fields) < 20 {
		return runner{}, false
	}
	return runner{pid, fields[19]}, true
}

// sharedCluster returns a server that all test processes of one go command share. Starting one takes more than most
// packages' tests. A process that no go command runs gets its own.
func sharedCluster() (*cluster, error) {
	by, ok := runnerOf()
	if !ok {
		return startCluster(os.Getenv(templateVariable))
	}
	bin, err := binaries()
	if err != nil {
		return nil, err
	}
	c, err := join(by, bin)
	if err != nil {
		return nil, fmt.Errorf("start: %w", err)
	}
	return c, c.readyOrStop()
}

// errEnding means that the server in the folder is about to end: another may start in a moment.
var errEnding = errors.New("a server does not end")

// join joins the server of a runner, or starts it.
func join(by runner, bin string) (*cluster, error) {
	owner, err := unprivileged()
	if err != nil {
		return nil, err
	}
	c := &cluster{folder: filepath.Join(parent(owner), fmt.Sprintf("synced-pg-%d-%s", by.pid, by.started)), shared: true}
	for until := time.Now().Add(patience); ; time.Sleep(10 * time.Millisecond) {
		err := c.enter(by, bin, owner)
		if !errors.Is(err, errEnding) || time.Now().After(until) {
			return c, err
		}
	}
}

// enter opens the pipe whose users keep the server alive. Whoever finds none starts the server, while all others wait.
func (c *cluster) enter(by runner, bin string, owner *syscall.Credential) error {
	if err := os.Mkdir(c.folder, 0o700); err != nil && !errors.Is(err, os.ErrExist) {
		return err
	}
	dir, err := os.Open(c.folder)
	if errors.Is(err, os.ErrNotExist) {
		return errEnding
	}
	if err != nil {
		return err
	}
	defer dir.Close() // and give up the lock
	if err := syscall.Flock(int(dir.Fd()), syscall.LOCK_EX); err != nil {
		return err
	}
	locked, err := dir.Stat()
	if err != nil {
		return err
	}
	if now, err := os.Stat(c.folder); err != nil || !os.SameFile(locked, now) {
		return errEnding
	}
	if _, err := os.Stat(filepath.Join(c.folder, "closing")); err == nil {
		return errEnding
	}
	users := filepath.Join(c.folder, "users")
	c.hold, err = os.OpenFile(users, os.O_WRONLY|syscall.O_NONBLOCK, 0)
	if err == nil {
		return nil
	}
	if !errors.Is(err, os.ErrNotExist) && !errors.Is(err, syscall.ENXIO) {
		return err
	}
	return c.startShared(by, bin, owner, users)
}

func (c *cluster) startShared(by runner, bin string, owner *syscall.Credential, users string) error {
	if err := syscall.Mkfifo(users, 0o600); err != nil && !errors.Is(err, os.ErrExist) {
		return err
	}
	in, err := os.OpenFile(users, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return err
	}
	defer in.Close()
	if c.hold, err = os.OpenFile(users, os.O_WRONLY|syscall.O_NONBLOCK, 0); err != nil {
		return err
	}
	cmd, err := c.command(bin, owner, nil, "RUNNER="+strconv.Itoa(by.pid), "STARTED="+by.started)
	if err != nil {
		return err
	}
	cmd.Stdin = in
	if err := cmd.Start(); err != nil {
		return err
	}
	return cmd.Process.Release() // it may outlive this process, and others use it
}
