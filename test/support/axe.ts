import axe from 'axe-core'
import type { Page } from 'playwright-core'

const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']

/** The part of a table that scrolls has no focus of its own: the grid around it has it, and scrolls it by keys. */
const TAKES_KEYS_ABOVE = 'scrollable-region-focusable'

/** What axe finds wrong with a page as it is now: a line for each broken rule, with where. */
export async function axeFindings(page: Page): Promise<string[]> {
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axe.source)
  const violations = await page.evaluate(
    async (rules) =>
      (await window.axe.run(document, { runOnly: rules })).violations.map(({ id, nodes }) => ({
        id,
        nodes: nodes.map(({ html, any }) => `${html.slice(0, 120)} ${any[0]?.message ?? ''}`),
      })),
    RULES,
  )
  return violations
    .filter(
      ({ id, nodes }) => id !== TAKES_KEYS_ABOVE || nodes.some((node) => !node.includes('class="scroller')),
    )
    .map(({ id, nodes }) => `${id}: ${nodes.join('; ')}`)
}

declare global {
  interface Window {
    axe: typeof axe
  }
}
