/** Ticks, in a thread whose timers are not slowed down when the page is hidden. */

const everyMs = 20
setInterval(() => postMessage(0), everyMs)
