import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { app } from 'electron'
import { z } from 'zod'
import { LANGUAGES } from '../contract/language.ts'

const settingsSchema = z.object({
  workspace: z.string().optional(),
  /** Folders of workspaces, newest first. */
  recent: z.array(z.string()).optional().catch(undefined),
  /** Of the window, for what is said before there is one. */
  language: z.enum(LANGUAGES).optional().catch(undefined),
  zoom: z.number().min(0.25).max(5).optional().catch(undefined),
  window: z
    .object({ x: z.int(), y: z.int(), width: z.int(), height: z.int(), maximized: z.boolean() })
    .optional(),
})
/** What the shell remembers from one start to the next. Everything else is in the workspace. */
export type ShellSettings = z.infer<typeof settingsSchema>

const path = () => join(app.getPath('userData'), 'window.json')

/** Nothing remembered is the answer to a missing or damaged file: it holds conveniences only. */
export function readSettings(): ShellSettings {
  try {
    return settingsSchema.parse(JSON.parse(readFileSync(path(), 'utf8')))
  } catch {
    return {}
  }
}

export function rememberSettings(change: ShellSettings): void {
  const file = path()
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(`${file}.tmp`, JSON.stringify({ ...readSettings(), ...change }))
  renameSync(`${file}.tmp`, file)
}
