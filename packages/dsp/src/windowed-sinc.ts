/** What low-pass filters are made of: the sinc, and Kaiser's window to cut it off with. */

/** Exactly 0 at whole numbers: at stretch 1 a whole position then gives the media frame itself, to the bit. */
export function sinc(x: number): number {
  if (x === 0) return 1
  return Number.isInteger(x) ? 0 : Math.sin(Math.PI * x) / (Math.PI * x)
}

/** 1 in the middle, 0 beyond ±1; the greater `beta`, the lower the side lobes and the wider the transition. */
export function kaiser(x: number, beta: number): number {
  return Math.abs(x) >= 1 ? 0 : besselI0(beta * Math.sqrt(1 - x * x)) / besselI0(beta)
}

/** Modified Bessel function of order zero, by its power series. */
function besselI0(x: number): number {
  let term = 1
  let sum = 1
  for (let k = 1; term > sum * 1e-17; k++) {
    term *= (x / (2 * k)) ** 2
    sum += term
  }
  return sum
}
