//go:build unix

package testdb

import (
	"bytes"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

//go:embed cluster.sh
var script string

// cluster is a server that lives as long as hold is open, and longer if it is shared.
type cluster struct {
	folder string
	cmd    *exec.Cmd // nil if shared
	hold   io.WriteCloser
	shared bool
}

// startCluster starts a server of this process alone, from a template if there is one.
func startCluster(from string, options ...string) (*cluster, error) {
	bin, err := binaries()
	if err != nil {
		return nil, err
	}
	return startClusterOf(bin, from, options...)
}

func startClusterOf(bin, from string, options ...string) (*cluster, error) {
	owner, err := unprivileged()
	if err != nil {
		return nil, fmt.Errorf("start: %w", err)
	}
	// Not os.TempDir: a socket's path must be short, and another user must be able to reach it.
	folder, err := os.MkdirTemp(parent(owner), fmt.Sprintf("synced-pg-%d-", os.Getpid()))
	if err != nil {
		return nil, fmt.Errorf("start: %w", err)
	}
	c := &cluster{folder: folder}
	if err := c.start(bin, from, owner, options); err != nil {
		return nil, errors.Join(fmt.Errorf("start: %w", err), os.RemoveAll(folder))
	}
	return c, c.readyOrStop()
}

func (c *cluster) start(bin, from string, owner *syscall.Credential, options []string) (err error) {
	if c.cmd, err = c.command(bin, owner, options, "TEMPLATE="+from); err != nil {
		return err
	}
	if c.hold, err = c.cmd.StdinPipe(); err != nil {
		return err
	}
	return c.cmd.Start()
}

// command runs the script in the folder, which it gives to its owner.
func (c *cluster) command(bin string, owner *syscall.Credential, options []string, env ...string) (*exec.Cmd, error) {
	if owner != nil {
		if err := os.Chown(c.folder, int(owner.Uid), int(owner.Gid)); err != nil {
			return nil, err
		}
	}
	cmd := exec.Command("/bin/sh", append([]string{"-c", script, "cluster.sh", bin}, options...)...)
	cmd.Dir = c.folder
	// Only this: PGPORT and the like would reach the server.
	cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C", "PWD=" + c.folder}, env...)
	// Its own group, or Ctrl-C would end the script before it has cleaned up.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Credential: owner}
	return cmd, nil
}

// readyOrStop waits until the server answers. If it does not, the error has the server's log.
func (c *cluster) readyOrStop() error {
	err := c.ready()
	if err == nil {
		return nil
	}
	log, _ := os.ReadFile(filepath.Join(c.folder, "log"))
	return errors.Join(fmt.Errorf("start: %w: %s", err, bytes.TrimSpace(log)), c.stop())
}

// ready waits until the server answers.
func (c *cluster) ready() error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	for {
		conn, err := pgx.Connect(ctx, c.url())
		if err == nil {
			return conn.Close(ctx)
		}
		if _, ended := os.Stat(c.ended()); ended == nil {
			return errors.New("the server ended at once")
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// stop lets go and waits for the script, which stops the server and removes the folder. A shared server stops when its
// runner and its other users are gone, and no process waits for it.
func (c *cluster) stop() error {
	if c.shared {
		return c.hold.Close()
	}
	stuck := time.AfterFunc(patience, func() { _ = syscall.Kill(-c.cmd.Process.Pid, syscall.SIGKILL) })
	defer stuck.Stop()
	if err := c.hold.Close(); err != nil {
		return err
	}
	return errors.Join(c.cmd.Wait(), os.RemoveAll(c.folder))
}

// crash stops the server as `pg_ctl stop -m immediate` does, and waits until it is gone.
func (c *cluster) crash() error {
	if err := c.tell(); err != nil {
		return err
	}
	for until := time.Now().Add(patience); time.Now().Before(until); time.Sleep(5 * time.Millisecond) {
		if _, err := os.Stat(c.ended()); err == nil {
			return nil
		}
	}
	return errors.New("the server did not stop")
}

// restart starts a server that has crashed, and waits until it answers.
func (c *cluster) restart() error {
	if err := os.Remove(c.ended()); err != nil {
		return err
	}
	if err := c.tell(); err != nil {
		return err
	}
	return c.ready()
}

// tell sends the script a line: stop, or start again.
func (c *cluster) tell() error {
	_, err := io.WriteString(c.hold, "\n")
	return err
}

// ended is a file that is there while the server is not.
func (c *cluster) ended() string { return filepath.Join(c.folder, "ended") }

func (c *cluster) url() string {
	return "postgres://postgres@/postgres?host=" + c.folder + "&port=5432&sslmode=disable"
}

// unprivileged returns whom to run the server as. It refuses to run as root; anybody else runs it as themselves.
func unprivileged() (*syscall.Credential, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	var errs []error
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		return credential(u)
	}
	return nil, fmt.Errorf("a user to run the server as: %w", errors.Join(errs...))
}

// credential reads the ids as signed, because some systems write that of "nobody" as -2.
func credential(u *user.User) (*syscall.Credential, error) {
	uid, err := strconv.ParseInt(u.Uid, 10, 64)
	if err != nil {
		return nil, fmt.Errorf("user %s: %w", u.Username, err)
	}
	gid, err := strconv.ParseInt(u.Gid, 10, 64)
	if err != nil {
		return nil, fmt.Errorf("user %s: %w", u.Username, err)
	}
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
}
