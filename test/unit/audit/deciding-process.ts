import { createCore } from '../../../src-main/core/create-core.ts'
import { workerEntries } from '../../../src-main/host/entries.ts'

/** Decides on clip after clip of a workspace, and says each as soon as the core has answered; until somebody kills it. */
const [workspaceFolder = ''] = process.argv.slice(2)
const core = await createCore({ workspaceFolder, entries: workerEntries(), mediaBase: '/' })
const [dataset] = await core.call('datasets.list', {})
const datasetId = dataset?.id ?? 0
const set = await core.call('verdicts.create', { datasetId, name: 'Killed' })
const { ids } = await core.call('clips.ids', { datasetId, offset: 0, limit: 100_000 })
for (let round = 0; ; round++)
  for (const clipId of ids) {
    const decision = round % 2 === 0 ? 'exclude' : 'keep'
    await core.call('verdicts.decide', {
      ...{ setId: set.id, by: { author: 'Anna', session: 'a' }, clips: { clipIds: [clipId] } },
      ...{ decision, note: `${round}` },
    })
    process.stdout.write(`${round} ${clipId}\n`)
  }
