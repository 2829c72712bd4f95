# Runs a throwaway PostgreSQL server in the current folder until standard input closes, then removes the folder.
#
# Whoever starts this holds the other end of standard input open. The system closes it when that process ends, by
# kill -9 too, so a server never outlives its starter. A line on it stops the server at once, as a crash would; the
# next line starts it again.
#
# usage: sh cluster.sh BINDIR [server options]
bin=$1
shift
exec 3<&0 </dev/null
trap '' HUP INT TERM # these are meant for the starter, whose end is ours

if "$bin/initdb" -D data -U postgres -E UTF8 --locale=C --auth-local=trust --auth-host=reject \
	--no-sync --no-instructions >log 2>&1; then
	while :; do
		"$bin/postgres" -D data -k "$PWD" -c listen_addresses= -c port=5432 -c max_connections=200 \
			-c fsync=off -c synchronous_commit=off -c full_page_writes=off \
			-c track_counts=on -c autovacuum=off -c timezone=UTC "$@" >>log 2>&1 3<&- &
		server=$!
		# Asked again until it is gone: a server that has only just begun does not hear the first signal.
		{
			read -r _ <&3
			while kill -QUIT "$server"; do sleep 0.1 || sleep 1; done
		} 2>/dev/null &
		watcher=$!
		wait "$server"
		kill -KILL "$watcher" 2>/dev/null
		wait
		touch ended
		read -r _ <&3 || break
	done
fi

# Whoever waits for a server that could not start reads the log, then lets go.
touch ended
while read -r _ <&3; do :; done
rm -rf data log ended .s.PGSQL.*
rmdir "$PWD"
