import { toErrorShape } from '../contract/errors.ts'
import { answerTask } from '../core/ml/child-task.ts'
import { type MapMessage, mapTaskSchema, runMapTask } from '../core/space/map-task.ts'

/** Lays out the vectors that it is sent. */
answerTask<MapMessage>(
  (task, tell, signal) => runMapTask(mapTaskSchema.parse(task), tell, signal),
  (error) => ({ type: 'error', error: toErrorShape(error) }),
)
