/** What a person dropped on the window, for the form that takes it: a dataset's folder to import, or audio to ask a model about. */
export const droppedPaths = $state<{ folder: string; audio: readonly string[] }>({ folder: '', audio: [] })
