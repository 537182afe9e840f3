import { searchResultSchema } from '../../../src-main/contract/audit-issues.ts'
import type { Job } from '../../../src-main/contract/job.ts'
import { importResultSchema } from '../../../src-main/contract/model.ts'
import { STATUS_WORDS } from '../../../src-main/contract/words.ts'
import { keptAsideText, plural, unpredictedText } from '../../lib/format.ts'
import { formatRoute } from '../../lib/route.ts'
import { jobs } from '../../lib/state/jobs.svelte.ts'
import { notices } from '../../lib/state/notices.svelte.ts'
import { toasts } from '../../lib/state/toasts.svelte.ts'

/** Says each job's end, wherever the person is. @returns the way out */
export function announceEnds(): () => void {
  return jobs.onEnd((job) => {
    const onread = () => notices.readJobs([job.id])
    // The screen that the person looks at shows it.
    if (jobs.followed.has(job.id)) onread()
    else if (job.status === 'succeeded' || job.status === 'failed' || job.status === 'interrupted')
      toasts.show({ ...endOf(job), onread })
  })
}

interface JobEnd {
  tone: 'success' | 'danger'
  title: string
  text?: string | undefined
  href?: string | undefined
  hrefTitle?: string | undefined
}

/** How a job ended: what came of it, or what went wrong and what to do. */
export function endOf(job: Job): JobEnd {
  if (job.status === 'succeeded') return { tone: 'success', title: job.title, ...whatCameOfIt(job) }
  return {
    tone: 'danger',
    title: `${job.title}: ${STATUS_WORDS[job.status]}`,
    text: [job.error?.message, job.error?.hint].filter(Boolean).join(' '),
    ...(job.runId
      ? { href: formatRoute({ screen: 'runs', runId: job.runId }), hrefTitle: 'Open the run' }
      : {}),
  }
}

function whatCameOfIt(job: Job): { text?: string; href?: string; hrefTitle?: string } {
  if (job.runId) return { href: formatRoute({ screen: 'runs', runId: job.runId }), hrefTitle: 'Open the run' }
  if (job.kind === 'predict')
    return { href: formatRoute({ screen: 'predict', jobId: job.id }), hrefTitle: 'See the predictions' }
  const found = searchResultSchema.safeParse(job.result).data
  if (job.kind === 'audit' && found)
    return {
      text: `${plural(found.issues, ['issue', 'issues'])} found.`,
      href: formatRoute({ screen: 'issues', searchId: found.searchId }),
      hrefTitle: 'See them',
    }
  if (job.kind === 'sweep') return { href: formatRoute({ screen: 'sweeps' }), hrefTitle: 'Open the sweeps' }
  const imported = importResultSchema.safeParse(job.result).data
  if (!imported) return {}
  const { datasetId, clips, problems, changed, keptAside, unpredicted } = imported
  return {
    text: changed
      ? [
          `${plural(clips, ['clip', 'clips'])}, ${plural(problems, ['problem', 'problems'])}.`,
          keptAsideText(keptAside),
          unpredictedText(unpredicted),
        ]
          .filter(Boolean)
          .join(' ')
      : 'Nothing has changed since it was imported.',
    href: formatRoute({ screen: 'dataset', datasetId }),
    hrefTitle: 'See the report',
  }
}
