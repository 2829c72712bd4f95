package testdb

import (
	"os"
	"os/exec"
	"syscall"
)

// parent prefers memory where it holds enough: a database there takes 30 ms to create, on a slow disk 300. Containers
// often have 64 MB only, or let only root remove a folder there.
func parent(owner *syscall.Credential) string {
	const memory, enough = "/dev/shm", 2 << 30
	var fs syscall.Statfs_t
	if err := syscall.Statfs(memory, &fs); err == nil && fs.Bavail*uint64(fs.Bsize) >= enough && removable(memory, owner) {
		return memory
	}
	return "/tmp"
}

// removable reports whether the server's owner may remove a folder of dir, as the script does at its end. It tries.
func removable(dir string, owner *syscall.Credential) bool {
	folder, err := os.MkdirTemp(dir, "synced-pg-")
	if err != nil {
		return false
	}
	if owner == nil {
		return os.Remove(folder) == nil
	}
	defer os.Remove(folder)
	if err := os.Chown(folder, int(owner.Uid), int(owner.Gid)); err != nil {
		return false
	}
	remove := exec.Command("/bin/rmdir", folder)
	remove.Dir = "/"
	remove.SysProcAttr = &syscall.SysProcAttr{Credential: owner}
	return remove.Run() == nil
}
