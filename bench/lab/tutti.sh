#!/usr/bin/env bash
# Plays through Tutti in the alignment lab: `lab run --player bench/lab/tutti.sh …`.
# Options: codec=flac|pcm|opus   buffer=<ms> fixed (default 800), or buffer=measured: then the lead of a live source moves
#          by up to 2 ms a second while it is being learned, which the lab does not count as steady
#          delay=<ms> output delay
#lab: feed=server
set -euo pipefail
here=$(dirname "$(realpath "${BASH_SOURCE[0]}")")
tutti=("${NODE:-node}" "$here/../../packages/tutti/dist/src/main.js")
option() { local name="LAB_OPT_$1"; printf '%s' "${!name:-$2}"; }

case $1 in
server)
	exec "${tutti[@]}" serve --state "$LAB_DIR" --no-discovery --control none --host 0.0.0.0 \
		"fifo:$LAB_SOURCE?format=s16le&rate=48000&channels=2"
	;;
client)
	extra=()
	[ "$(option buffer 800)" != measured ] && extra+=(--buffer-ms "$(option buffer 800)")
	exec "${tutti[@]}" join "ws://$LAB_SERVER_IP:8927/sendspin" --name "lab$LAB_INDEX" --no-settings \
		--device "$LAB_PCM" \
		--codec "$(option codec flac)" --delay-ms "$(option delay 0)" --json "${extra[@]}"
	;;
esac
