import { spawn } from 'node:child_process'

/**
 * Runs a program to its end without a shell.
 * @returns {Promise<{ ok: boolean, output: string }>} never rejects; a missing program or the time limit is `ok: false`
 */
export function run(program, args, { timeLimitSeconds = 60, cwd, env } = {}) {
  return new Promise((resolve) => {
    let output = ''
    let child
    try {
      child = spawn(program, args, {
        cwd,
        env: { ...process.env, ...env },
        stdio: ['ignore', 'pipe', 'pipe'],
      })
    } catch (error) {
      resolve({ ok: false, output: String(error) })
      return
    }
    const timer = setTimeout(() => {
      output += `\nstopped after ${timeLimitSeconds} s`
      child.kill('SIGKILL')
    }, timeLimitSeconds * 1000)
    const keep = (chunk) => {
      output = (output + chunk).slice(-20_000)
    }
    child.stdout.on('data', keep)
    child.stderr.on('data', keep)
    child.on('error', (error) => {
      clearTimeout(timer)
      resolve({ ok: false, output: error.message })
    })
    child.on('close', (code) => {
      clearTimeout(timer)
      resolve({ ok: code === 0, output: output.trim() })
    })
  })
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
