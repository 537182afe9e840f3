import { z } from 'zod'
import { LANGUAGES } from './language.ts'

/** What the page and the desktop shell say to each other, over a port of their own beside the core's. */

/** A command of the window as the system's menu shows it. */
export const menuCommandSchema = z.object({
  id: z.string().max(80),
  /** Names the menu; null for what is there on every screen. */
  group: z.string().max(80).nullable(),
  title: z.string().max(240),
  /** As the window writes it: `Ctrl+k`, `ArrowUp`. */
  key: z.string().max(40).optional(),
  /** Whether it can be done now. */
  enabled: z.boolean(),
})
export type MenuCommand = z.infer<typeof menuCommandSchema>

export const toShellSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('commands'), commands: z.array(menuCommandSchema).max(300) }),
  /** By the system's dialog. */
  z.object({ type: z.literal('choose-workspace') }),
  /** One of those that the shell told of; no other is opened. */
  z.object({ type: z.literal('open-recent'), folder: z.string() }),
  /** The window's, which the menu and the dialogs then have too. */
  z.object({ type: z.literal('language'), language: z.enum(LANGUAGES) }),
  /** To load the page anew: it may go nowhere by itself. */
  z.object({ type: z.literal('reload') }),
])
export type ToShell = z.infer<typeof toShellSchema>

export const fromShellSchema = z.discriminatedUnion('type', [
  /** Folders of the workspaces opened last, newest first, without the one that is open. */
  z.object({ type: z.literal('recent'), folders: z.array(z.string()) }),
  /** Chosen in the menu. */
  z.object({ type: z.literal('run'), id: z.string() }),
  /** A screen, as the address has it after `#`. */
  z.object({ type: z.literal('go'), hash: z.string() }),
])
export type FromShell = z.infer<typeof fromShellSchema>

/** What the preload says of files that a person dropped on the window; browsers tell no page where files are. */
export const droppedSchema = z.object({
  type: z.literal('soundfold-dropped'),
  /** Absolute, in the order of the drop's files. */
  paths: z.array(z.string()),
})
