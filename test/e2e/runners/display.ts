import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'

export interface Display {
  readonly name: string
  close(): Promise<void>
}

/**
 * A screen to open windows on: an X server of our own where Xvfb is installed, so that no test window disturbs anyone,
 * else the present one; undefined where there is neither.
 */
export async function openDisplay(): Promise<Display | undefined> {
  const present = process.env.DISPLAY ?? ''
  if (process.platform !== 'linux') return { name: present, close: async () => {} }
  const server = spawn('Xvfb', ['-displayfd', '3', '-screen', '0', '1400x900x24', '-nolisten', 'tcp'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  })
  const number = await Promise.race([
    displayNumber(server),
    once(server, 'error').then(() => undefined),
    once(server, 'exit').then(() => undefined),
  ])
  if (number !== undefined) {
    const close = async () => {
      server.kill()
      await once(server, 'exit')
    }
    return { name: `:${number}`, close }
  }
  return present ? { name: present, close: async () => {} } : undefined
}

async function displayNumber(server: ChildProcess): Promise<string> {
  const pipe = server.stdio[3]
  if (!pipe) throw new Error('Xvfb has no pipe.')
  const [chunk] = await once(pipe, 'data')
  return String(chunk).trim()
}
