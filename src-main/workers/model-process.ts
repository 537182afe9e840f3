import { toErrorShape } from '../contract/errors.ts'
import { answerTask } from '../core/ml/child-task.ts'
import { type ModelMessage, modelTaskSchema, runModelTask } from '../core/ml/model-task.ts'

/** Exports or asks the trained models that it is sent the places of. */
answerTask<ModelMessage>(
  (task, tell, signal) => runModelTask(modelTaskSchema.parse(task), tell, signal),
  (error) => ({ type: 'error', error: toErrorShape(error) }),
)
