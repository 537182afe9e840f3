import { toErrorShape } from '../contract/errors.ts'
import { type FoldMessage, foldTaskSchema, runFoldTask } from '../core/ml/fold-task.ts'

/** Trains the one fold it is sent, tells how it goes, and ends; it ends as well when whoever sent it is gone. */
process.on('disconnect', () => process.exit(1))
process.once('message', async (message) => {
  const tell = (answer: FoldMessage) => process.send?.(answer)
  try {
    await runFoldTask(foldTaskSchema.parse(message), tell)
  } catch (error) {
    tell({ type: 'error', error: toErrorShape(error) })
  }
  process.disconnect()
})
