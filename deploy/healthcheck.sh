#!/usr/bin/env bash
# Whether the API is well, that is, runs and reaches its database. Needs no program beside bash.
set -euo pipefail
port=${MOCKBANK_LISTEN##*:}
exec 3<>"/dev/tcp/127.0.0.1/${port:-5000}"
printf 'GET /health HTTP/1.0\r\nHost: localhost\r\n\r\n' >&3
read -r _ status _ <&3
[[ $status == 200 ]]
