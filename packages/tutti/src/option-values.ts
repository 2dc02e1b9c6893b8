/** Values of command line options, checked as they are read; what is wrong with them is said in the option's own terms. */
import { InvalidArgumentError } from 'commander'

type Parse<T> = (text: string) => T

export function wholeNumber(from: number, to: number): Parse<number> {
  return (text) => {
    const value = Number(text)
    if (text.trim() === '' || !Number.isInteger(value) || value < from || value > to) {
      throw new InvalidArgumentError(`It must be a whole number from ${from} to ${to}.`)
    }
    return value
  }
}

export function amount(from: number, to: number, unit: string): Parse<number> {
  return (text) => {
    const value = Number(text)
    if (text.trim() === '' || !(value >= from && value <= to)) {
      throw new InvalidArgumentError(`It must be from ${from} to ${to} ${unit}.`)
    }
    return value
  }
}
