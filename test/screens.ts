/**
 * Pictures of every screen, to be looked at: `npm run build && npm run screens FOLDER [WORKSPACE]`. A workspace with a dataset and a
 * finished run gives the full ones; without it, only those of an empty workspace and of errors are made. It is written to while it
 * is looked at: give a copy.
 */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { launchBrowser } from './support/browser.ts'
import { type ServedWorkspace, serveWorkspace } from './support/serve.ts'

const [target, workspace, only] = process.argv.slice(2)
if (!target) throw new Error('Say into which folder the pictures are to go.')
await mkdir(target, { recursive: true })

const LOOKS = [
  { name: 'light', scheme: 'light', width: 1440, height: 900 },
  { name: 'dark', scheme: 'dark', width: 1440, height: 900 },
  { name: 'narrow', scheme: 'light', width: 1024, height: 700 },
  { name: '4k', scheme: 'dark', width: 3840, height: 2160 },
] as const

const NOWHERE = [
  ['import', '#/import'],
  ['settings', '#/settings'],
] as const
const EMPTY = [
  ...NOWHERE,
  ['runs', '#/runs'],
  ['sweeps', '#/sweeps'],
  ['predict', '#/predict'],
  ['audit', '#/audit'],
  ['audit-queue', '#/audit/queue'],
  ['map', '#/map'],
] as const
const ERRORS = [
  ['run', '#/runs/no-such-run'],
  ['clip', '#/library?clip=999999'],
  ['filter', '#/library?q=xyzzy'],
  ['compare', '#/compare?runs=a,b'],
  ['audit-queue', '#/audit/queue?set=1&from=run&of=no-such-run'],
  ['clips', '#/clips?ids=999999'],
  ['map', '#/map?run=no-such-run'],
  ['chosen', '#/library?chosen=no-such-choice'],
] as const

const browser = await launchBrowser()

/** Each address in each look, without the motion that would blur it. */
async function shoot(served: ServedWorkspace, kind: string, screens: readonly (readonly [string, string])[]) {
  const context = await browser.newContext({ reducedMotion: 'reduce' })
  const page = await context.newPage()
  await page.goto(served.url)
  await page.getByRole('navigation', { name: 'Screens' }).waitFor()
  for (const look of LOOKS) {
    await page.setViewportSize({ width: look.width, height: look.height })
    await page.emulateMedia({ colorScheme: look.scheme, reducedMotion: 'reduce' })
    for (const [name, hash] of screens) {
      if (only && !`${kind}-${name}-${look.name}`.includes(only)) continue
      await page.evaluate((to) => {
        location.hash = to
      }, hash.slice(1))
      await settled(page)
      await page.screenshot({ path: join(target ?? '', `${kind}-${name}-${look.name}.png`) })
    }
  }
  await context.close()
}

async function settled(page: Page): Promise<void> {
  await page.waitForLoadState('networkidle', { timeout: 60_000 })
  await page.waitForTimeout(700)
}

/** Every screen of a workspace that has something in it. */
async function fullScreens(served: ServedWorkspace): Promise<[string, string][]> {
  const page = await browser.newPage()
  await page.goto(served.url)
  await page.getByRole('link', { name: 'Runs' }).click()
  const run = page.locator('main a[href*="#/runs/"]').first()
  await run.waitFor({ timeout: 10_000 }).catch(() => {})
  const address = await run.getAttribute('href', { timeout: 1000 }).catch(() => null)
  await page.close()
  const ofRun = address ?? '#/runs'
  return [
    ['library', '#/library'],
    ['library-clip', '#/library?clip=5'],
    ['library-grid', '#/library?view=grid&clip=7'],
    ['library-overview', '#/library?view=overview'],
    ['clip', '#/clip/5'],
    ['dataset', '#/dataset'],
    ['train', '#/train'],
    ['runs', '#/runs'],
    ['run', ofRun],
    ...['folds', 'classes', 'curves', 'slices'].map((tab): [string, string] => [
      `run-${tab}`,
      `${ofRun}?tab=${tab}`,
    ]),
    ['audit', '#/audit'],
    ['audit-issues', '#/audit?kind=label&issue=1'],
    ['audit-queue', '#/audit/queue'],
    ['audit-deciding', '#/audit/queue?set=1&from=library'],
    ['clips', '#/clips?ids=5,6,7'],
    ['map', '#/map'],
    ['predict', '#/predict'],
    ['recipes', '#/recipes'],
    ['history', '#/history'],
    ['sweeps', '#/sweeps'],
    ...NOWHERE.map(([name, hash]): [string, string] => [name, hash]),
  ]
}

try {
  const empty = await serveWorkspace()
  await shoot(empty, 'empty', EMPTY)
  await empty.close()
  if (workspace) {
    const screens = await served(workspace, fullScreens)
    await served(workspace, (full) => shoot(full, 'full', screens))
    await served(workspace, (full) => shoot(full, 'error', ERRORS))
  }
} finally {
  await browser.close()
}

/** An address works once, so each look has a server of its own. */
async function served<T>(folder: string, work: (served: ServedWorkspace) => Promise<T>): Promise<T> {
  const server = await serveWorkspace(folder)
  try {
    return await work(server)
  } finally {
    await server.close()
  }
}
