import { isEmbedding, type Recipe } from '../../../contract/embedding.ts'
import type { Evaluation } from '../../../contract/evaluation.ts'
import type { DatasetFormat } from '../../../contract/model.ts'
import type { ModelFormat } from '../../../contract/model-file.ts'
import type { Run } from '../../../contract/run.ts'
import { RANDOM_SPLIT_LEAK } from '../../../contract/split.ts'

export interface CardParts {
  run: Run
  evaluation: Evaluation
  datasetFormat: DatasetFormat
  format: ModelFormat
  /** Path within the export, and the folds whose mean it is. */
  files: readonly { path: string; folds: readonly number[] }[]
  inputs: readonly { name: string; rows: number; frames: number; recipe: string; settings: Recipe }[]
  appVersion: string
}

/** Who uses a layout most: whether it is that dataset, its name does not prove. */
const LICENCES: Partial<Record<DatasetFormat, string>> = {
  urbansound8k:
    'The dataset has the layout of UrbanSound8K. If it is UrbanSound8K: CC BY-NC 3.0 (J. Salamon, C. Jacoby, J. P. Bello 2014); its recordings are of Freesound, each with a licence and an author of its own.',
  esc: 'The dataset has the layout of ESC-50. If it is ESC-50: CC BY-NC 3.0, its subset ESC-10 CC BY 3.0 (K. J. Piczak 2015); its recordings are of Freesound, each with a licence and an author of its own.',
}
const OWN_TERMS =
  'Whoever passes the model on must know under which terms the dataset’s recordings may be used.'

/** A model card (Mitchell et al. 2019) as data; `cardText` is for reading. */
export function cardOf({ run, evaluation, datasetFormat, format, files, inputs, appVersion }: CardParts) {
  const { settings } = run
  return {
    model: {
      preset: settings.preset,
      settings: settings.network,
      format,
      files: files.map(({ path, folds }) => ({
        path,
        folds,
        output: folds.length > 1 ? 'mean of the probabilities of these folds' : 'probabilities',
      })),
      writtenBy: `Soundfold ${appVersion}`,
      run: run.id,
    },
    /** In the order of the outputs. */
    labels: evaluation.classes.map(({ name }) => name),
    inputs: inputs.map(({ name, rows, frames, recipe, settings: own }) => ({
      name,
      shape: ['batch', rows, frames],
      type: 'float32',
      recipe,
      settings: own,
    })),
    training: {
      ...settings.training,
      seed: settings.seed,
      folds: settings.folds,
      split: settings.split,
      engine: run.engine,
      settingsHash: run.settingsHash,
    },
    data: {
      name: run.datasetName,
      format: datasetFormat,
      fingerprint: run.dataFingerprint,
      clipsTestedOn: evaluation.clips,
      licence: [LICENCES[datasetFormat], OWN_TERMS].filter(Boolean).join(' '),
    },
    outOfFold: {
      meanAccuracy: evaluation.meanAccuracy,
      sampleStandardDeviation: evaluation.sampleStandardDeviation,
      pooledAccuracy: evaluation.pooledAccuracy,
      accuracyInterval95: evaluation.intervals.accuracy,
      macroF1: evaluation.macro.f1,
      folds: evaluation.folds,
      classes: evaluation.perClass.map(({ className, precision, recall, f1, support }) => ({
        className,
        precision,
        recall,
        f1,
        support,
      })),
      missingFolds: evaluation.missingFolds,
    },
    limits: limitsOf(run, evaluation, files),
  }
}
export type ModelCard = ReturnType<typeof cardOf>

function limitsOf({ settings }: Run, { missingFolds }: Evaluation, files: CardParts['files']): string[] {
  return [
    ...(files.some(({ folds }) => folds.length > 1)
      ? [
          'The ensemble itself was not measured: every clip of the dataset was learnt by all of its models but one. The out-of-fold figures are those of single models on clips that they had not learnt; a mean of several is usually a little better on new recordings.',
        ]
      : []),
    'A model’s figures hold for its own held-out fold. On clips of the other folds it would look better than it is: it has learnt them.',
    ...(settings.split.kind === 'random' ? [RANDOM_SPLIT_LEAK] : []),
    ...(missingFolds.length > 0 ? [`Folds without figures: ${missingFolds.join(', ')}.`] : []),
    'It tells these classes apart and no others: any other sound gets one of these labels too. Probabilities are as trained, not calibrated.',
    'It was tested on recordings of one dataset. Other microphones, places and levels were not tested.',
  ]
}

const percent = (share: number) => `${(100 * share).toFixed(2)} %`

/** In Markdown. */
export function cardText(card: ModelCard): string {
  const { model, labels, inputs, training, data, outOfFold, limits } = card
  const sd = outOfFold.sampleStandardDeviation
  const interval = outOfFold.accuracyInterval95
  return [
    `# ${model.preset}, trained on ${line(data.name)}`,
    `Run ${model.run}, ${model.writtenBy}, ${training.engine ?? 'engine unknown'}.`,
    '## Files',
    table(
      ['File', 'Output'],
      model.files.map(({ path, folds, output }) => [
        path,
        folds.length > 1
          ? `${output}: ${folds.join(', ')}`
          : `probabilities, of the model that held out fold ${folds[0]}`,
      ]),
    ),
    '## Labels',
    `In the order of the outputs: ${labels.map(line).join(', ')}.`,
    '## Input',
    ...inputs.flatMap(({ name, shape, recipe, settings }) => [
      `\`${name}\`, float32 [${shape.join(', ')}]: features by the recipe “${line(recipe)}”, as they are: scaling and normalisation are in the model.`,
      ...(isEmbedding(settings)
        ? ['They are the output of an embedding model, which is not part of this export.']
        : ['Parameters are in librosa’s terms; `soundfold export` writes such features of a dataset.']),
      `\`\`\`json\n${JSON.stringify(settings, null, 2)}\n\`\`\``,
    ]),
    '## Use',
    model.format === 'onnx' ? onnxUse(card) : tfjsUse(card),
    '## Out-of-fold results',
    `Mean accuracy over ${outOfFold.folds.length} folds ${percent(outOfFold.meanAccuracy)}${sd === null ? '' : ` ± ${percent(sd)} (sample standard deviation)`}; pooled accuracy ${percent(outOfFold.pooledAccuracy)}${interval ? ` (95 % interval ${percent(interval.low)} to ${percent(interval.high)}, by drawing recordings)` : ''}; macro F1 ${outOfFold.macroF1.toFixed(4)}.`,
    table(
      ['Fold', 'Clips', 'Accuracy', 'Macro F1'],
      outOfFold.folds.map(({ fold, clips, accuracy, macroF1 }) => [
        String(fold),
        String(clips),
        percent(accuracy),
        macroF1.toFixed(4),
      ]),
    ),
    table(
      ['Class', 'Precision', 'Recall', 'F1', 'Clips'],
      outOfFold.classes.map(({ className, precision, recall, f1, support }) => [
        line(className),
        precision.toFixed(4),
        recall.toFixed(4),
        f1.toFixed(4),
        String(support),
      ]),
    ),
    '## Limits',
    limits.map((limit) => `- ${limit}`).join('\n'),
    '## Data and terms',
    `${line(data.name)}, ${data.clipsTestedOn} clips tested on, fingerprint \`${data.fingerprint}\`. ${data.licence}`,
    '## Training',
    `\`\`\`json\n${JSON.stringify({ network: model.settings, ...training }, null, 2)}\n\`\`\``,
    '',
  ].join('\n\n')
}

function onnxUse({ model, inputs }: ModelCard): string {
  const given = inputs.map(({ name }) => `"${name}": data["features"]`).join(', ')
  return [
    'Python, with features that `soundfold export` wrote (one file, NumPy):',
    '',
    '```python',
    'import numpy as np, onnxruntime as ort',
    'data = np.load("features.npz")',
    `session = ort.InferenceSession("${model.files[0]?.path ?? ''}")`,
    `[probabilities] = session.run(["probabilities"], {${given}})`,
    'print(probabilities.argmax(1))',
    '```',
    ...(inputs.length > 1 ? ['Each input has the features of its own recipe.'] : []),
  ].join('\n')
}

function tfjsUse({ model, inputs }: ModelCard): string {
  const given = inputs.map(({ name }) => `${name}`).join(', ')
  const [title, load, all] =
    model.format === 'tfjs'
      ? ['A graph model of TensorFlow.js:', 'tf.loadGraphModel', `{ ${given} }`]
      : ['A model of TensorFlow.js’ layers:', 'tf.loadLayersModel', `[${given}]`]
  return [
    title,
    '',
    '```js',
    `const model = await ${load}('${model.files[0]?.path ?? ''}/model.json')`,
    `const probabilities = model.predict(${all})  // tensors, see Input`,
    '```',
  ].join('\n')
}

/** Names are of datasets, which may be anyone's: one line, and nothing of it is Markdown. */
const line = (text: string) => text.replace(/\s+/g, ' ').replace(/[\\`*_[\]<>|#]/g, (sign) => `\\${sign}`)

function table(header: string[], rows: string[][]): string {
  return [header, header.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}
