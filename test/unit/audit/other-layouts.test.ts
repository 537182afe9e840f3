import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { MethodInput } from '../../../src-main/contract/api.ts'
import { importResultSchema } from '../../../src-main/contract/model.ts'
import { writtenFolderSchema } from '../../../src-main/contract/report.ts'
import { type Core, createCore } from '../../../src-main/core/create-core.ts'
import { workerEntries } from '../../../src-main/host/entries.ts'
import { jobResult } from '../../support/audit-workspace.ts'
import { toneWav } from '../../support/tiny-workspace.ts'

let root: string
let core: Core
beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'soundfold-layouts-'))
  core = await createCore({
    workspaceFolder: join(root, 'workspace'),
    entries: workerEntries(),
    mediaBase: '/',
  })
})
afterEach(async () => {
  await core.close()
  rmSync(root, { recursive: true, force: true })
})

/** Writes a dataset of three tones, relabels the first clip as the class of the last, excludes the second. @returns the metadata after it */
async function corrected(
  metadata: { path: string; text: string },
  sounds: readonly [string, string, string],
  request: Omit<MethodInput<'datasets.import'>, 'folder'> = {},
): Promise<string> {
  const folder = join(root, 'set')
  for (const [index, sound] of sounds.entries()) {
    mkdirSync(dirname(join(folder, sound)), { recursive: true })
    writeFileSync(join(folder, sound), toneWav(300 + 100 * index, 0.3))
  }
  mkdirSync(dirname(join(folder, metadata.path)), { recursive: true })
  writeFileSync(join(folder, metadata.path), metadata.text)
  const imported = await jobResult(core, 'datasets.import', { folder, ...request })
  const { datasetId } = importResultSchema.parse(imported)
  const { rows } = await core.call('clips.page', { datasetId })
  const clipAt = (place: number) => rows.find(({ fileName }) => sounds[place]?.endsWith(fileName))
  const { id: setId } = await core.call('verdicts.create', { datasetId, name: 'x' })
  const by = { author: 'Anna', session: 'a' }
  const of = (place: number) => ({ setId, by, clips: { clipIds: [clipAt(place)?.id ?? 0] } })
  await core.call('verdicts.decide', { ...of(0), decision: 'relabel', classId: clipAt(2)?.classId ?? -1 })
  await core.call('verdicts.decide', { ...of(1), decision: 'exclude' })
  const out = await jobResult(core, 'verdicts.export', { setId, parts: ['metadata'] })
  const name = metadata.path.split('/').at(-1) ?? ''
  return readFileSync(join(writtenFolderSchema.parse(out).folder, name), 'utf8')
}

it('ESC-50 metadata is corrected in target and category', async () => {
  const header = 'filename,fold,target,category,esc10,src_file,take'
  const rows = [
    '1-a-A-0.wav,1,0,dog,True,100,A',
    '2-b-A-0.wav,2,0,dog,True,101,A',
    '3-c-A-12.wav,3,12,crackling_fire,False,102,A',
  ]
  const text = (lines: string[]) => `${[header, ...lines].join('\n')}\n`
  const [first = '', , last = ''] = rows
  expect(
    await corrected({ path: 'meta/esc50.csv', text: text(rows) }, [
      'audio/1-a-A-0.wav',
      'audio/2-b-A-0.wav',
      'audio/3-c-A-12.wav',
    ]),
  ).toBe(text([first.replace(',0,dog,', ',12,crackling_fire,'), last]))
})

it('a CSV of one’s own is corrected in its column of labels, quoted where that takes it', async () => {
  const text = 'path;x,what,part\nlow.wav,hum,1\n"mid.wav","hum",2\nhigh.wav,"bird, small",2\n'
  const mapping = { csv: 'sounds.csv', file: 'path;x', label: 'what', fold: 'part' }
  expect(
    await corrected({ path: 'sounds.csv', text }, ['low.wav', 'mid.wav', 'high.wav'], {
      format: 'csv',
      mapping,
    }),
  ).toBe('path;x,what,part\nlow.wav,"bird, small",1\nhigh.wav,"bird, small",2\n')
})

it('class numbers of such a CSV stay numbers', async () => {
  const text = 'name,class\nlow.wav,4\nmid.wav,4\nhigh.wav,11\n'
  const mapping = { csv: 'c.csv', file: 'name', label: 'class' }
  expect(
    await corrected({ path: 'c.csv', text }, ['low.wav', 'mid.wav', 'high.wav'], { format: 'csv', mapping }),
  ).toBe('name,class\nlow.wav,11\nhigh.wav,11\n')
})
