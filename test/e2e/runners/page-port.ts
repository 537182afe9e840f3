import type { Page } from 'playwright-core'
import type { MethodInput, MethodName, MethodOutput } from '../../../src-main/contract/api.ts'

/** Calls the core from inside the page, by a port that the page itself asks for. */
export function callFromPage<M extends MethodName>(
  page: Page,
  method: M,
  params: MethodInput<M>,
): Promise<MethodOutput<M>> {
  return page.evaluate(
    async ({ method, params }) => {
      const port = await new Promise<MessagePort>((resolve) => {
        const take = (event: MessageEvent) => {
          const [port] = event.ports
          if (event.data?.type !== 'soundfold-port' || !port) return
          removeEventListener('message', take)
          resolve(port)
        }
        addEventListener('message', take)
        postMessage({ type: 'soundfold-ready' }, location.origin)
      })
      const answer = await new Promise<{ type: string; result?: unknown; error?: { message: string } }>(
        (resolve) => {
          port.onmessage = ({ data }) => data.type !== 'event' && resolve(data)
          port.postMessage({ type: 'call', id: 1, method, params })
        },
      )
      port.close()
      if (answer.type !== 'reply') throw new Error(answer.error?.message)
      return answer.result
    },
    { method, params },
  ) as Promise<MethodOutput<M>>
}

/** Waits in the page's place for a job's end. */
export async function waitForJob(page: Page, jobId: number): Promise<void> {
  for (;;) {
    const { status, error } = await callFromPage(page, 'jobs.get', { jobId })
    if (status === 'succeeded') return
    if (status !== 'queued' && status !== 'running') throw new Error(`${status}: ${error?.message}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
