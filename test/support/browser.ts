import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'

const NAMES = ['google-chrome', 'google-chrome-stable', 'chromium', 'chromium-browser', 'chrome']
const PLACES = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  'C:\\Program Files (x86)\\Google\\Chrome\\Application\\chrome.exe',
]
/** No first-run pages, no traffic of the browser's own; containers and root have no sandbox. */
const ARGUMENTS = [
  '--no-sandbox',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/**
 * A Chromium to test with: the one that SOUNDFOLD_BROWSER names, else an installed one, else Playwright's own download.
 * @throws Error when SOUNDFOLD_BROWSER names a file that is not there: an explicit wish is never skipped
 */
export function findBrowser(): string | undefined {
  const named = process.env.SOUNDFOLD_BROWSER
  if (named) {
    if (!existsSync(named)) throw new Error(`SOUNDFOLD_BROWSER is ${named}, which does not exist.`)
    return named
  }
  const onPath = (process.env.PATH ?? '')
    .split(delimiter)
    .flatMap((folder) => NAMES.map((name) => join(folder, name)))
  return [...onPath, ...PLACES, chromium.executablePath()].find((path) => existsSync(path))
}

/** For `describe.skipIf`: says loudly why, once. */
export function browserMissing(): boolean {
  if (findBrowser()) return false
  console.warn(
    'NO BROWSER: the tests of the window are skipped. Install Chrome or Chromium, run ' +
      '"npx playwright-core install chromium", or set SOUNDFOLD_BROWSER.',
  )
  return true
}

export async function launchBrowser(): Promise<Browser> {
  const executablePath = findBrowser()
  if (!executablePath) throw new Error('There is no browser to launch.')
  return chromium.launch({ executablePath, args: ARGUMENTS })
}

/** A page that remembers what no test may leave behind: console errors, exceptions, violations of the page's policy. */
export async function watchedPage(context: BrowserContext): Promise<{ page: Page; faults: string[] }> {
  const page = await context.newPage()
  const faults: string[] = []
  page.on('pageerror', (error) => faults.push(`exception: ${error.message}`))
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') faults.push(`console: ${message.text()}`)
  })
  await page.addInitScript(() => {
    addEventListener('securitypolicyviolation', (event) => {
      console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`)
    })
  })
  return { page, faults }
}
