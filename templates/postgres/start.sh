#!/bin/sh
# The container's program: makes the database where there is none yet, then becomes the server, which gets the signals.
set -eu

if [ ! -s "$PGDATA/PG_VERSION" ]; then
  if [ -z "${POSTGRES_PASSWORD:-}" ]; then
    echo "The first start needs a password: docker run -e POSTGRES_PASSWORD=…" >&2
    exit 1
  fi
  # Whoever is in the container may come in by the socket; who comes by the network needs the password.
  printf '%s\n' "$POSTGRES_PASSWORD" | initdb --pgdata="$PGDATA" --username=postgres --pwfile=/dev/stdin \
    --auth-local=trust --auth-host=scram-sha-256 --encoding=UTF8 --locale=C.UTF-8
  echo "host all all all scram-sha-256" >>"$PGDATA/pg_hba.conf"
fi
unset POSTGRES_PASSWORD
exec postgres -D "$PGDATA" -k "$PGHOST" -c listen_addresses='*' "$@"
