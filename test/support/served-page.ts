import type { BrowserContextOptions, Page } from 'playwright-core'
import { launchBrowser, watchedPage } from './browser.ts'
import { demoWorkspace } from './demo-workspace.ts'
import { type ServedWorkspace, serveWorkspace } from './serve.ts'

/** How long an action in the page may take, milliseconds. */
const ACTION_MS = 30_000

/** A served workspace and a browser's page, which has not been anywhere yet. */
export interface ServedPage {
  readonly served: ServedWorkspace
  readonly page: Page
  /** As `watchedPage` has them. */
  readonly faults: string[]
  close(): Promise<void>
}

/** With a new workspace that has the demo dataset. */
export const openDemoPage = (options: BrowserContextOptions = {}) =>
  openServedPage(options, undefined, demoWorkspace)

/** As `serveWorkspace` takes the workspace. */
export async function openServedPage(
  options: BrowserContextOptions = {},
  workspace?: string,
  fill?: (workspace: string) => Promise<void>,
): Promise<ServedPage> {
  const served = await serveWorkspace(workspace, fill)
  try {
    const browser = await launchBrowser()
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options })
    const { page, faults } = await watchedPage(context)
    page.setDefaultTimeout(ACTION_MS)
    return {
      served,
      page,
      faults,
      async close() {
        await browser.close()
        await served.close()
      },
    }
  } catch (error) {
    await served.close()
    throw error
  }
}
