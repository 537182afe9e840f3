import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { importResultSchema } from '../../contract/model.ts'
import { findElectron } from '../../host/find-electron.ts'
import { type GlobalOptions, runJob, withSession } from '../session.ts'
import { describeFolds } from './evaluate.ts'
import { serveUntilStopped } from './serve.ts'
import { trainRun } from './train.ts'

export interface DemoOptions extends GlobalOptions {
  seed: number
  epochs?: number
  open: boolean
  port?: number
}

/** The main job on the demo dataset, from nothing to a fold table, and the workbench on the result. */
export async function demo(options: DemoOptions): Promise<void> {
  let electron: Awaited<ReturnType<typeof findElectron>>
  let workspace = ''
  let startRoute = ''
  await withSession({ ...options, defaultWorkspace: 'soundfold-demo' }, async (session) => {
    const { core, output } = session
    const startedMs = performance.now()
    workspace = session.workspace
    output.note(`Workspace: ${workspace}`)
    const imported = importResultSchema.parse(
      (await runJob(session, 'demo.create', { seed: options.seed })).result,
    )
    const runId = await trainRun(session, imported.datasetId, {
      training: options.epochs === undefined ? {} : { epochs: options.epochs },
    })
    startRoute = `#/runs/${runId}`
    const evaluation = await core.call('runs.evaluation', { runId })
    const seconds = (performance.now() - startedMs) / 1000
    const summary = `Run ${runId}\n${describeFolds(evaluation)}\nFrom nothing to here in ${seconds.toFixed(0)} s.`
    if (!options.open) return output.result({ runId, seconds, workspace, evaluation }, () => summary)
    output.note(summary)
    electron = await findElectron()
    if (!electron) await serveUntilStopped(session, { ...options, open: true, startRoute })
  })
  // The workspace has one owner at a time, so the window starts when this process has let go of it.
  if (electron) {
    const window = spawn(
      electron.executable,
      [...electron.args, '--workspace', workspace, '--route', startRoute],
      {
        stdio: 'inherit',
      },
    )
    const [code] = await once(window, 'exit')
    process.exitCode = typeof code === 'number' ? code : 1
  }
}
