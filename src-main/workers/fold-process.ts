import { toErrorShape } from '../contract/errors.ts'
import { type FoldMessage, foldTaskSchema, runFoldTask } from '../core/ml/fold-task.ts'

/** Trains the one fold it is sent, tells how it goes, and ends; it ends as well when whoever sent it is gone. */
process.once('message', async (message) => {
  try {
    await runFoldTask(foldTaskSchema.parse(message), tell, senderGone.signal)
  } catch (error) {
    tell({ type: 'error', error: toErrorShape(error) })
  }
  if (process.connected) process.disconnect()
})

const senderGone = new AbortController()
process.once('disconnect', () => senderGone.abort())

function tell(message: FoldMessage): void {
  if (process.connected) process.send?.(message)
}
