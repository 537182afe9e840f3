import { type Command, InvalidArgumentError, Option } from 'commander'

/** Parsers of options, and options that several commands have. */

/** Makes a command with the options that all of them share, of the program where no parent is named. */
export type MakeCommand = (usage: string, description: string, parent?: Command) => Command

/** A whole number from `minimum` up, as an option's parser. */
export const wholeNumber =
  (minimum: number) =>
  (text: string): number => {
    const value = Number(text)
    if (!Number.isSafeInteger(value) || value < minimum)
      throw new InvalidArgumentError(`It must be a whole number from ${minimum} up.`)
    return value
  }

export function positiveNumber(text: string): number {
  const value = Number(text)
  if (!Number.isFinite(value) || value <= 0) throw new InvalidArgumentError('It must be a number above 0.')
  return value
}

export function numberFrom0(text: string): number {
  const value = Number(text)
  if (!Number.isFinite(value) || value < 0) throw new InvalidArgumentError('It must be a number from 0 up.')
  return value
}

export function foldList(text: string): 'all' | number[] {
  if (text === 'all') return 'all'
  return text.split(',').map(wholeNumber(0))
}

/** Two whole numbers from 1 up, of bands and of frames. */
export function bandsByFrames(text: string): [number, number] {
  const [bands = '', frames = '', ...more] = text.split('x')
  if (more.length > 0) throw new InvalidArgumentError('It must be BANDSxFRAMES, such as 16x16.')
  return [wholeNumber(1)(bands), wholeNumber(1)(frames)]
}

export function modelChoice(text: string): 'ensemble' | 'each' | number {
  return text === 'ensemble' || text === 'each' ? text : wholeNumber(0)(text)
}

/** One more setting, by its dotted name or as the model itself names it; numbers, truth values, null, lists and objects as in JSON. */
export function setting(text: string, before: Record<string, unknown>): Record<string, unknown> {
  const [, name, value] = /^(\w+(?:\.\w+)*)=(.+)$/.exec(text) ?? []
  if (name === undefined || value === undefined) throw new InvalidArgumentError('It must be NAME=VALUE.')
  return { ...before, [name.includes('.') ? name : `network.${name}`]: jsonOrText(name, value) }
}

function jsonOrText(name: string, value: string): unknown {
  if (!/^(-?[\d.]+(e-?\d+)?|true|false|null|\[.*\]|\{.*\})$/i.test(value)) return value
  try {
    return JSON.parse(value)
  } catch {
    throw new InvalidArgumentError(`${value} is not JSON: the value of ${name}.`)
  }
}

export const datasetOption = () =>
  new Option('-d, --dataset <name>', 'number or name; needed where there are several')
export const authorOption = () =>
  new Option('--author <name>', 'whose change it is (your name in the system)')
export const engineOption = () =>
  new Option('--engine <engine>', 'engine to train on')
    .choices(['auto', 'tensorflow', 'wasm'])
    .default('auto')
