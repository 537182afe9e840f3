import { z } from 'zod'
import { engineChoiceSchema } from '../../../src-main/contract/run.ts'
import { storedSplit } from './split-fields.ts'

/** What a person last had in the training form of a dataset. Settings are kept by network, and only those changed. */
const texts = z.record(z.string(), z.string())
const storedSchema = z.object({
  preset: z.string(),
  recipe: z.string().catch(''),
  verdicts: z.string().catch(''),
  seed: z.string().catch('73'),
  ...storedSplit,
  allFolds: z.boolean().catch(true),
  folds: z.array(z.int()).catch([]),
  engine: engineChoiceSchema.catch('auto'),
  processes: z.string().catch(''),
  threadsPerProcess: z.string().catch(''),
  changes: z.record(z.string(), z.object({ training: texts, network: texts })).catch({}),
})
export type StoredDraft = z.infer<typeof storedSchema>

const keyOf = (workspace: string, datasetId: number) => `soundfold.train.${workspace}#${datasetId}`

export function readDraft(workspace: string, datasetId: number): StoredDraft | undefined {
  try {
    const text = localStorage.getItem(keyOf(workspace, datasetId))
    return text === null ? undefined : storedSchema.safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}

export function writeDraft(workspace: string, datasetId: number, draft: StoredDraft): void {
  try {
    localStorage.setItem(keyOf(workspace, datasetId), JSON.stringify(draft))
  } catch {
    // Private windows may refuse to store; the form then begins anew.
  }
}
