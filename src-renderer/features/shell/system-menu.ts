import { parseRoute } from '../../lib/route.ts'
import {
  boundCommands,
  COMMANDS,
  EVERYWHERE,
  keysOf,
  runCommand,
  watchCommands,
} from '../../lib/state/commands.ts'
import { desktop } from '../../lib/state/desktop.svelte.ts'
import { router } from '../../lib/state/router.svelte.ts'

/** Commands come and go with clips and panels; a menu need not follow within the blink of an eye. */
const SETTLES_AFTER_MS = 150

/** What is typed has an undo of its own. */
function runFromMenu(id: string): void {
  const isTyping = document.activeElement?.matches('input:not([type="checkbox"], [type="radio"]), textarea')
  if (isTyping && (id === 'undo' || id === 'redo')) document.execCommand(id)
  else runCommand(id)
}

/** Keeps the desktop app's menu at what can be done. To be returned from an `$effect`. @returns the way out */
export function followSystemMenu(): (() => void) | undefined {
  if (!desktop.present) return
  desktop.onMessage = (message) => {
    if (message.type === 'run') runFromMenu(message.id)
    else if (message.type === 'go') router.go(parseRoute(message.hash))
  }
  let timer: ReturnType<typeof setTimeout> | undefined
  const tell = () => {
    clearTimeout(timer)
    timer = setTimeout(() => {
      const bound = new Set(boundCommands().map(({ id }) => id))
      desktop.showMenu(
        COMMANDS.map(({ id, group, title }) => {
          const [key] = keysOf(id)
          const menu = group === EVERYWHERE ? null : group
          return { id, group: menu, title, enabled: bound.has(id), ...(key === undefined ? {} : { key }) }
        }),
      )
    }, SETTLES_AFTER_MS)
  }
  tell()
  const stop = watchCommands(tell)
  return () => {
    clearTimeout(timer)
    stop()
  }
}
