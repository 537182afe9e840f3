import { toErrorShape } from '../contract/errors.ts'
import { answerTask } from '../core/ml/child-task.ts'
import { type FoldMessage, foldTaskSchema, runFoldTask } from '../core/ml/fold-task.ts'

/** Trains the one fold it is sent. */
answerTask<FoldMessage>(
  (task, tell, signal) => runFoldTask(foldTaskSchema.parse(task), tell, signal),
  (error) => ({ type: 'error', error: toErrorShape(error) }),
)
