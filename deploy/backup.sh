#!/bin/sh
# Write everything that must not be lost into one file: deploy/backup.sh FOLDER
# The file is useless without BAILIWICK_SECRET_KEY, which is not in it: keep a copy of that elsewhere.
set -eu
folder=${1:?usage: deploy/backup.sh FOLDER}
if docker compose version >/dev/null 2>&1; then compose="docker compose"; else compose=docker-compose; fi
umask 077
mkdir -p "$folder"
folder=$(realpath "$folder")
cd "$(dirname "$0")/.."
file=$folder/bailiwick-$(date -u +%Y%m%dT%H%M%SZ).dump

# A command in the database's container, as its owner.
inside() {
  $compose exec -T postgres sh -c 'export PGUSER="$POSTGRES_USER" PGPASSWORD="$POSTGRES_PASSWORD"; exec "$@"' sh "$@"
}

# Under another name until it is whole, so that nobody takes half a file for a backup.
trap 'rm -f "$file.part"' EXIT
inside pg_dump --format custom bailiwick >"$file.part"
inside pg_restore --list <"$file.part" >/dev/null
mv "$file.part" "$file"
echo "$file"
