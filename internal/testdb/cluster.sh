# Runs a throwaway PostgreSQL server in the current folder until no process needs it, then removes the folder.
#
# Whoever uses the server holds the other end of standard input open. The system closes it when that process ends, by
# kill -9 too, so a server never outlives its users.
#
# A server of one process: standard input is a pipe. A line on it stops the server at once, as a crash would; the next
# line starts it again.
#
# A server that several processes share, one after the other: standard input is the named pipe "users" of this folder,
# and RUNNER and STARTED name the process that runs them all (go test) as /proc does. The server lives while the pipe
# is open or RUNNER runs. "users" goes before the server does: whoever opened it in time still has the server.
#
# To make a server's files takes far longer than to copy them, so a shared server keeps a copy of them as they were at
# first, the folder "template". Other servers are made from TEMPLATE, if that is such a folder.
#
# usage: sh cluster.sh BINDIR [server options]
bin=$1
shift
exec 3<&0 </dev/null
trap '' HUP INT TERM # these are meant for the starter, whose end is ours

closed() { while read -r _ <&3; do :; done; }

running() {
	{ read -r stat <"/proc/$RUNNER/stat"; } 2>/dev/null || return 1
	set -- ${stat##*) }
	[ "$1" != Z ] && [ "${20}" = "$STARTED" ]
}

unused() {
	closed
	while running; do
		sleep 0.2
		closed
	done
	mv users closing 2>/dev/null
	closed
}

files() {
	if [ -d "$TEMPLATE" ]; then
		cp -R "$TEMPLATE" data
	else
		"$bin/initdb" -D data -U postgres -E UTF8 --locale=C --auth-local=trust --auth-host=reject --no-sync --no-instructions
	fi && { [ -z "$RUNNER" ] || cp -R data template; }
}

if files >log 2>&1; then
	while :; do
		"$bin/postgres" -D data -k "$PWD" -c listen_addresses= -c port=5432 -c max_connections=500 \
			-c fsync=off -c synchronous_commit=off -c full_page_writes=off \
			-c track_counts=on -c autovacuum=off -c timezone=UTC "$@" >>log 2>&1 3<&- &
		server=$!
		# Asked again until it is gone: a server that has only just begun does not hear the first signal.
		{
			if [ -n "$RUNNER" ]; then unused; else read -r _ <&3; fi
			while kill -QUIT "$server"; do sleep 0.1 || sleep 1; done
		} 2>/dev/null &
		watcher=$!
		wait "$server"
		kill -KILL "$watcher" 2>/dev/null
		wait
		touch ended
		[ -z "$RUNNER" ] && read -r _ <&3 || break
	done
fi

# Whoever waits for a server that could not start reads the log, then lets go.
touch ended
if [ -n "$RUNNER" ]; then unused; else closed; fi
rm -rf data template log ended users closing .s.PGSQL.*
rmdir "$PWD"
