import { randomUUID } from 'node:crypto'
import { createCore } from '../../../src-main/core/create-core.ts'
import { workerEntries } from '../../../src-main/host/entries.ts'

/** A program that annotates without a pause, telling each annotation that the core has taken, until it is killed. */
const [workspaceFolder = '', clip = ''] = process.argv.slice(2)
const core = await createCore({ workspaceFolder, entries: workerEntries(), mediaBase: '/media/' })
for (let made = 0; ; made++) {
  const id = randomUUID()
  await core.call('annotations.change', {
    by: { author: 'Anna', session: 'killed' },
    clipId: Number(clip),
    items: [
      {
        id,
        after: {
          ...{ startSeconds: made, endSeconds: made + 0.5, lowHz: null, highHz: null, label: 'siren' },
          ...{ salience: null, confidence: null, note: '', author: 'Anna', extra: {} },
        },
      },
    ],
  })
  process.stdout.write(`${id}\n`)
}
