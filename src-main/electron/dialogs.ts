import { dialog } from 'electron'
import { type ErrorShape, toErrorShape } from '../contract/errors.ts'
import { translated } from '../contract/said.ts'
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

export const chooseWorkspace = () => chooseFolder(translated('Choose a workspace folder'))

export async function chooseModel(): Promise<string | null> {
  const { filePaths } = await dialog.showOpenDialog({
    title: translated('Choose an embedding model'),
    properties: ['openFile'],
    filters: [{ name: translated('ONNX models'), extensions: ['onnx'] }],
  })
  return filePaths[0] ?? null
}

/** @returns whether the jobs may be stopped */
export async function mayStop(jobs: readonly string[]): Promise<boolean> {
  if (jobs.length === 0) return true
  const detail = `${jobs.join('\n')}\n\n${translated('What is done so far is kept.')}`
  const buttons = [translated('Stop'), translated('Keep it running')]
  return (await ask('question', translated('Stop what is running?'), detail, buttons)) === 0
}

export async function afterFailedStart(error: unknown, folder: string): Promise<'retry' | 'other' | 'quit'> {
  const { message, hint }: ErrorShape = toErrorShape(error)
  const detail = [translated(hint ?? ''), translated(`Workspace: ${folder}`)].filter(Boolean).join('\n\n')
  const buttons = [translated('Try again'), translated('Choose another folder…'), translated('Quit')]
  const answers = ['retry', 'other', 'quit'] as const
  return answers[await ask('error', translated(message), detail, buttons)] ?? 'quit'
}

/** @returns whether to start the core again */
export async function afterDeath(exitCode: number): Promise<boolean> {
  const detail = [
    translated(`Exit code ${exitCode}. Running jobs were interrupted; nothing finished is lost.`),
    translated(`Log: ${coreLogPath()}`),
  ].join('\n\n')
  const buttons = [translated('Restart it'), translated('Quit')]
  return (await ask('error', translated('Soundfold’s core has stopped unexpectedly.'), detail, buttons)) === 0
}

export function showFatal(error: unknown): void {
  console.error(error)
  const { message, hint } = toErrorShape(error)
  dialog.showErrorBox(
    translated('Soundfold can’t start'),
    [translated(message), translated(hint ?? '')].filter(Boolean).join('\n\n'),
  )
}
