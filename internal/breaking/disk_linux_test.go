package breaking_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/ncruces/go-sqlite3"
	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/testdb"
)

// disk is a small file system in memory, which can be made larger.
type disk struct {
	t      *testing.T
	folder string
}

// newDisk mounts a disk, which takes root.
func newDisk(t *testing.T, size string) *disk {
	t.Helper()
	d := &disk{t: t, folder: t.TempDir()}
	if err := syscall.Mount("tmpfs", d.folder, "tmpfs", 0, "size="+size); err != nil {
		t.Skipf("NOT TESTED: a full disk is a small tmpfs, and mounting one takes root: %v", err)
	}
	t.Cleanup(func() { require.NoError(t, syscall.Unmount(d.folder, 0)) })
	return d
}

func (d *disk) grow(size string) {
	d.t.Helper()
	require.NoError(d.t, syscall.Mount("tmpfs", d.folder, "tmpfs", syscall.MS_REMOUNT, "size="+size))
}

// TestDisk_SpoolIsFull has no room for the pages of an atomic run: C64. Nothing
// was written, and with more room the same run works.
func TestDisk_SpoolIsFull(t *testing.T) {
	t.Parallel()
	d := newDisk(t, "256k")
	v := newVictim(t, seeded(t), "sqlite", testdb.SQLite(t), settings{Atomic: true}, "spool")
	v.temporary = d.folder
	o, _ := v.run(t, v.task, kill{})
	t.Log(o.Error)
	require.Contains(t, o.Error, "synced: villas (account_id 1): page ")
	require.Contains(t, o.Error, ": spool: write "+filepath.Join(d.folder, "synced-spool-"))
	require.Contains(t, o.Error, ": no space left on device")
	now, stored := v.sample(t)
	require.Empty(t, v.before.diff(now))
	require.Equal(t, v.stored, stored)
	d.grow("64m")
	v.done(t)
}

// TestDisk_DatabaseIsFull has no room for the rows: C60, C64. What was committed
// stays, and with more room the next run works.
func TestDisk_DatabaseIsFull(t *testing.T) {
	t.Parallel()
	for _, atomic := range []bool{false, true} {
		t.Run(fmt.Sprint(settings{Atomic: atomic}), func(t *testing.T) {
			t.Parallel()
			d := newDisk(t, "2m")
			v := newVictim(t, seeded(t), "sqlite", filepath.Join(d.folder, "test.db"), settings{Atomic: atomic}, "large")
			m := v.model(t)
			for range 2 {
				_, err := m.Synchronize(context.Background(), synced.In(1), synced.Call{API: client(t, v.srv, token)})
				t.Log(err)
				require.ErrorContains(t, err, "synced: villas (account_id 1): ")
				// The driver calls ENOSPC the one or the other; v0.37.0 means to say FULL.
				require.True(t, errors.Is(err, sqlite3.FULL) || errors.Is(err, sqlite3.IOERR_WRITE), err)
				v.check(t)
			}
			d.grow("128m")
			v.finish(t, m)
		})
	}
}
