package testdb

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

// A container may have a /dev/shm with mode 755, which belongs to root: the server's user could write its folder there,
// but not remove it.
func TestAFolderThatItsOwnerCanNotRemoveIsNoPlaceForAServer(t *testing.T) {
	t.Parallel()
	owner, err := unprivileged()
	require.NoError(t, err)
	if owner == nil {
		t.Skip("only root starts a server as another user")
	}
	// Not t.TempDir, whose folders only root may enter.
	dir, err := os.MkdirTemp("/tmp", "synced-parent-")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, os.RemoveAll(dir)) })
	for mode, want := range map[os.FileMode]bool{0o755: false, os.ModeSticky | 0o777: true, 0o700: false} {
		require.NoError(t, os.Chmod(dir, mode))
		require.Equal(t, want, removable(dir, owner), "%v", mode)
		left, err := os.ReadDir(dir)
		require.NoError(t, err)
		require.Empty(t, left)
	}
	require.True(t, removable(dir, nil))
}
