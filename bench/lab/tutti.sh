#!/usr/bin/env bash
# Plays through Tutti in the alignment lab: `lab run --player bench/lab/tutti.sh …`.
# Options, of which rooms may have values of their own (delay=0/0/20 is for the third of three rooms):
#          codec=flac|pcm|opus   buffer=<ms> fixed (default 800), or buffer=measured, as rooms do unless told otherwise
#          latency=<ms> held of the source (default 200), or latency=measured, as sources are unless told otherwise
#          total=<ms> from source to ear, at least
#          delay=<ms> output delay
#          card=<field>=<value>[ …] of the lab's sound card (granule=48, period_size=240 buffer_size=960, …)
#          stop=<at>:<for> the room's process is stopped (SIGSTOP) <at> seconds after it began, for <for> seconds
#          busy=<ms> every second the room's main thread does not come to its event loop for so long
#          slew=<at>:<for>:<ppm> its clocks run so much faster from <at> seconds on (needs the lab with lab.patch)
#          step=<at>:<by> its time of day jumps <by> seconds then (likewise)
#          hogs=<n> so many processes, beside the room's own, compute as fast as they can
#lab: feed=server
set -euo pipefail
here=$(dirname "$(realpath "${BASH_SOURCE[0]}")")
tutti="$here/../../packages/tutti/dist/src/main.js"
option() {
	local name="LAB_OPT_$1" values
	IFS=/ read -ra values <<<"${!name:-$2}/"
	printf '%s' "${values[$(((${LAB_INDEX:-1} - 1) % ${#values[@]}))]}"
}

# Here all share two cores, but a source is a device of its own, and so are the server and each room: none may hold up another, as
# far as two cores allow. So the server is above the rooms, and as quick as if it were alone: at their priority it waited up to 80 ms
# for their compilers and collectors of garbage (a turn is 100 ms long). What it is late by itself is its own: it is above the lab's
# feeder too (3), which it can only hold up, and the lab's own accounts (3), which are no device at all. A room that starts is below those
# that play. Its threads are moved all at once, from above, the first one last, and again for those that began meanwhile: V8's first
# thread may wait for the others in circles, and they must not be behind it; and by a program that is there already, because one started for each thread
# held up everybody for a tenth of a second. That program is nobody's child, or the lab would
# take its 11 MiB for the room's. (The threads that feed the cards have taken priority 40 by themselves, and keep it.)
isRoundRobin() { [[ $(chrt --pid "$1" 2>/dev/null) == *SCHED_RR* ]]; }
atPriority() { ! isRoundRobin "$2" || chrt --rr --pid "$1" "$2"; }
playing() {
	(
		python3 - "$$" "$1" <<-'END' &
		import os, sys, time
		room, after = int(sys.argv[1]), float(sys.argv[2])
		for wait in (after, 1):
		    time.sleep(wait)
		    if not os.path.exists(f"/proc/{room}"):
		        break
		    if os.sched_getscheduler(0) & ~os.SCHED_RESET_ON_FORK != os.SCHED_RR:
		        break
		    os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(5))
		    for thread in sorted(map(int, os.listdir(f"/proc/{room}/task")), reverse=True):
		        try:
		            if os.sched_getparam(thread).sched_priority == 1:
		                os.sched_setscheduler(thread, os.SCHED_RR, os.sched_param(2))
		        except OSError:
		            pass  # it has ended
		    os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))
	END
	)
}

case $1 in
server)
	latency=$(option latency 200)
	[ "$latency" = measured ] && latency= || latency="&latency=$latency"
	atPriority 4 $$
	exec "${NODE:-node}" "$tutti" serve --state "$LAB_DIR" --no-discovery --control none --host 0.0.0.0 \
		"fifo:$LAB_SOURCE?format=s16le&rate=48000&channels=2$latency${LAB_OPT_total:+&total=$LAB_OPT_total}"
	;;
client)
	atPriority 1 $$
	extra=()
	[ "$(option buffer 800)" != measured ] && extra+=(--buffer-ms "$(option buffer 800)")
	for field in $(option card ''); do
		sed -i "s/^\ttype vdac$/&\n\t${field%%=*} ${field#*=}/" "$ALSA_CONFIG_PATH"
	done
	stop=$(option stop '')
	if [ "$stop" ]; then
		(
			sleep "${stop%:*}"
			kill -STOP $$
			sleep "${stop#*:}"
			kill -CONT $$
		) &
	fi
	busy=$(option busy 0)
	[ "$busy" != 0 ] && export NODE_OPTIONS="--import=$here/busy-loop.mjs" BUSY_MS="$busy"
	slew=$(option slew '') step=$(option step '')
	if [ "$slew$step" ]; then
		export LD_PRELOAD="$LAB_HOME/build/libclockskew.so" CLOCKSKEW_SLEW="$slew" CLOCKSKEW_STEP="$step"
	fi
	for ((hog = 0; hog < $(option hogs 0); hog++)); do (while :; do :; done) & done
	playing 3
	# Real-time threads of several rooms, which on two cores would keep each other's helpers from coming to an end of their garbage.
	exec "${NODE:-node}" --single-threaded-gc "$tutti" join "ws://$LAB_SERVER_IP:8927/sendspin" --name "lab$LAB_INDEX" --no-settings \
		--device "$LAB_PCM" \
		--codec "$(option codec flac)" --delay-ms "$(option delay 0)" --json "${extra[@]}"
	;;
esac
