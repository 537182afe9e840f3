import { dialog } from 'electron'
import { type ErrorShape, toErrorShape } from '../contract/errors.ts'
import { coreLogPath } from './core-log.ts'

/** @returns the button's number */
async function ask(type: 'question' | 'error', message: string, detail: string, buttons: string[]) {
  const last = buttons.length - 1
  const { response } = await dialog.showMessageBox({
    type,
    message,
    detail,
    buttons,
    defaultId: 0,
    cancelId: last,
    noLink: true,
  })
  return response
}

export async function chooseFolder(title: string): Promise<string | null> {
  const { filePaths } = await dialog.showOpenDialog({
    title,
    properties: ['openDirectory', 'createDirectory'],
  })
  return filePaths[0] ?? null
}

export async function chooseModel(): Promise<string | null> {
  const { filePaths } = await dialog.showOpenDialog({
    title: 'Choose an embedding model',
    properties: ['openFile'],
    filters: [{ name: 'ONNX models', extensions: ['onnx'] }],
  })
  return filePaths[0] ?? null
}

/** @returns whether the jobs may be stopped */
export async function mayStop(jobs: readonly string[]): Promise<boolean> {
  if (jobs.length === 0) return true
  const detail = `${jobs.join('\n')}\n\nWhat is done so far is kept.`
  return (await ask('question', 'Stop what is running?', detail, ['Stop', 'Keep it running'])) === 0
}

export async function afterFailedStart(error: unknown, folder: string): Promise<'retry' | 'other' | 'quit'> {
  const { message, hint }: ErrorShape = toErrorShape(error)
  const detail = [hint, `Workspace: ${folder}`].filter(Boolean).join('\n\n')
  const buttons = ['Try again', 'Choose another folder…', 'Quit']
  const answers = ['retry', 'other', 'quit'] as const
  return answers[await ask('error', message, detail, buttons)] ?? 'quit'
}

/** @returns whether to start the core again */
export async function afterDeath(exitCode: number): Promise<boolean> {
  const detail = `Exit code ${exitCode}. Running jobs were interrupted; nothing finished is lost.\n\nLog: ${coreLogPath()}`
  return (
    (await ask('error', 'Soundfold’s core has stopped unexpectedly.', detail, ['Restart it', 'Quit'])) === 0
  )
}

export function showFatal(error: unknown): void {
  console.error(error)
  const { message, hint } = toErrorShape(error)
  dialog.showErrorBox('Soundfold can’t start', [message, hint].filter(Boolean).join('\n\n'))
}
