import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { writeFileAtomic } from './atomic-write.ts'

/** What the file that opens a workspace by a double click ends in; its name and content are free. */
export const WORKSPACE_EXTENSION = '.soundfold'

// Not named after the folder, which may be renamed and copied.
/* @wc-ignore */
const NAME = `Open in Soundfold${WORKSPACE_EXTENSION}`
/* @wc-ignore */
const CONTENT =
  'Open this file to open the workspace in its folder with Soundfold (once: soundfold associate).\n'

/**
 * Gives a workspace the file that opens it by a double click, unless it has one of any name. It is the core's, so
 * that workspaces made from the command line or a browser have it too. Nothing needs the file to work: where it can't
 * be written, the workspace opens all the same.
 */
export async function giveWorkspaceFile(folder: string): Promise<void> {
  try {
    const names = await readdir(folder)
    if (names.some((name) => name.endsWith(WORKSPACE_EXTENSION))) return
    await writeFileAtomic(join(folder, NAME), CONTENT)
  } catch {
    // As said: it opens without.
  }
}
