import { spawn } from 'node:child_process'
import { delimiter } from 'node:path'

/** Ends of what is running now, for when the set-up itself is stopped. */
const endings = new Set()
const posix = process.platform !== 'win32'

for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
])
  process.once(signal, () => {
    for (const end of endings) end()
    process.exit(code)
  })

/** Calls `end` if the set-up is stopped before the returned function is called. */
export function whenStopped(end) {
  endings.add(end)
  return () => endings.delete(end)
}

/**
 * Runs a program to its end without a shell. At the time limit, and when the set-up is stopped, it ends with everything
 * that it started.
 * @param options.progress - gives a number; when that stays the same for `stallSeconds`, the program is ended
 * @param options.pathFirst - a folder that is searched for programs before the others
 * @returns {Promise<{ ok: boolean, output: string }>} never rejects; a missing program or a limit is `ok: false`
 */
export function run(program, args, options = {}) {
  const { timeLimitSeconds = 60, stallSeconds, progress, cwd, env, pathFirst } = options
  const path = pathFirst ? { PATH: `${pathFirst}${delimiter}${process.env.PATH ?? ''}` } : {}
  return new Promise((resolve) => {
    let output = ''
    let child
    try {
      child = spawn(program, args, {
        cwd,
        env: { ...process.env, ...path, ...env },
        stdio: ['ignore', 'pipe', 'pipe'],
        detached: posix,
      })
    } catch (error) {
      resolve({ ok: false, output: String(error) })
      return
    }
    const stop = (why) => {
      output += `\n${why}`
      endAll(child)
    }
    const timers = [setTimeout(() => stop(`stopped after ${timeLimitSeconds} s`), timeLimitSeconds * 1000)]
    if (progress) timers.push(watch(progress, stallSeconds, () => stop(`no progress in ${stallSeconds} s`)))
    const forget = whenStopped(() => endAll(child))
    const settle = (result) => {
      for (const timer of timers) clearTimeout(timer)
      forget()
      resolve(result)
    }
    const keep = (chunk) => {
      output = (output + chunk).slice(-20_000)
    }
    child.stdout.on('data', keep)
    child.stderr.on('data', keep)
    child.on('error', (error) => settle({ ok: false, output: error.message }))
    child.on('close', (code) => settle({ ok: code === 0, output: output.trim() }))
  })
}

function watch(progress, seconds, stalled) {
  let last = progress()
  return setInterval(() => {
    const now = progress()
    if (now === last) stalled()
    last = now
  }, seconds * 1000)
}

function endAll(child) {
  if (child.pid === undefined) return
  try {
    if (posix) process.kill(-child.pid, 'SIGKILL')
    else spawn('taskkill', ['/pid', String(child.pid), '/T', '/F'], { stdio: 'ignore' })
  } catch {
    // It has ended already.
  }
}

/** The last line that says something. */
export const lastLine = (text) =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean)
    .at(-1) ?? ''

/** The line that names the error, else the last one; a stack's own lines don't. */
export const errorLine = (text) =>
  text
    .split('\n')
    .map((line) => line.trim())
    .find((line) => /error\b/i.test(line) && !/^at |^throw /.test(line)) ?? lastLine(text)
