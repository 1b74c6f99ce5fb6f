#!/bin/sh
# Put a backup in the place of all that is there now: deploy/restore.sh FILE
# BAILIWICK_SECRET_KEY must be the one of the time of the backup. An older backup is brought up to date.
set -eu
file=${1:?usage: deploy/restore.sh FILE}
if docker compose version >/dev/null 2>&1; then compose="docker compose"; else compose=docker-compose; fi
file=$(realpath "$file")
cd "$(dirname "$0")/.."

# A command in the database's container, as its owner.
inside() {
  $compose exec -T postgres sh -c 'export PGUSER="$POSTGRES_USER" PGPASSWORD="$POSTGRES_PASSWORD"; exec "$@"' sh "$@"
}

$compose up -d postgres
until inside pg_isready --quiet --host 127.0.0.1; do sleep 1; done
# Read first: a broken file must not cost what is there.
inside pg_restore --list <"$file" >/dev/null

$compose stop auth api worker
inside dropdb --maintenance-db postgres --force --if-exists bailiwick_before_restore
inside psql --dbname postgres --quiet --set ON_ERROR_STOP=1 \
  --command "select pg_terminate_backend(pid) from pg_stat_activity where datname = 'bailiwick'" \
  --command "alter database bailiwick rename to bailiwick_before_restore" \
  --command "create database bailiwick" >/dev/null
inside pg_restore --dbname bailiwick --exit-on-error --single-transaction <"$file"
$compose up -d
echo "Restored. What was there before is kept in the database bailiwick_before_restore until the next restore."
