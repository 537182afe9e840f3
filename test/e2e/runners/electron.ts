import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { _electron, type ElectronApplication, type Page } from 'playwright-core'
import { testElectron } from '../../../scripts/test-electron.mjs'
import { electronBinary } from '../../../src-main/host/find-electron.ts'
import { bundleMain } from '../electron-22-shim/bundle.ts'

const inProject = (path: string) => fileURLToPath(new URL(`../../../${path}`, import.meta.url))
const MAIN = inProject('out/main/electron/main.js')

/** An Electron that can be started, and what it needs to load the built program. */
export interface Runtime {
  readonly name: string
  readonly executable: string
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
  close(): Promise<void>
}

/**
 * The Electron that the program is written for where its binary is, else the stand-in.
 * @throws Error with one line saying why there is neither
 */
export async function findRuntime(): Promise<Runtime> {
  const executable = electronBinary()
  if (executable) {
    return { name: 'Electron', executable, args: [inProject('.')], env: {}, close: async () => {} }
  }
  const standIn = await testElectron()
  const folder = await mkdtemp(join(tmpdir(), 'soundfold-electron-'))
  return {
    name: 'Electron 22 with the core beside it',
    executable: standIn,
    args: [],
    env: {
      SOUNDFOLD_TEST_MAIN: inProject('test/e2e/electron-22-shim/main.cjs'),
      SOUNDFOLD_TEST_BUNDLE: await bundleMain(MAIN, folder),
      SOUNDFOLD_TEST_NODE: process.execPath,
    },
    close: () => rm(folder, { recursive: true }),
  }
}

export interface StartedApp {
  readonly app: ElectronApplication
  readonly page: Page
}

export async function startApp(
  runtime: Runtime,
  display: string,
  folders: { workspace: string; userData: string },
  moreArgs: readonly string[] = [],
): Promise<StartedApp> {
  const app = await _electron.launch({
    executablePath: runtime.executable,
    args: [
      ...runtime.args,
      '--no-sandbox',
      '--disable-gpu',
      // A microphone to be refused, also where there is none.
      '--use-fake-device-for-media-stream',
      `--user-data-dir=${folders.userData}`,
      '--workspace',
      folders.workspace,
      ...moreArgs,
    ],
    env: { ...definedEnv(), ...runtime.env, DISPLAY: display },
  })
  const page = await app.firstWindow()
  return { app, page }
}

function definedEnv(): Record<string, string> {
  const entries = Object.entries(process.env).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as const],
  )
  return Object.fromEntries(entries)
}
